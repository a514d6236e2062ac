import { randomBytes } from 'node:crypto';
import { MAX_QTY } from '@app/contracts';
import type { Push } from 'zeromq';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const MIB = 1024 * 1024;
const json = (value: unknown): string => JSON.stringify(value);
const text = json(trade());
/** Bytes no UTF-8 text contains. */
const binary = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x80]), randomBytes(60)]);

describe('hostile input on the socket', () => {
  let sidecar: SidecarUnderTest;
  let socket: Push;

  beforeEach(async () => {
    sidecar = await startSidecar();
    socket = sidecar.connect();
  });

  afterEach(() => sidecar.close());

  /** One producer's messages arrive in order: when this one counts, all before it were dealt with. */
  async function sendGoodAndWait(counted: number): Promise<void> {
    await socket.send(text);
    await until(`${counted} trades are counted`, async () => {
      return (await sidecar.metric('trades_total{side="buy"}')) === counted;
    });
  }

  it.each<[string, string | Buffer | (string | Buffer)[], string]>([
    ['text that is not JSON', 'hello', 'malformed'],
    ['truncated JSON', text.slice(0, -4), 'malformed'],
    ['an empty frame', '', 'malformed'],
    ['binary', binary, 'malformed'],
    ['JSON in another encoding', Buffer.from(text, 'utf16le'), 'malformed'],
    [
      'JSON with broken UTF-8 in it',
      Buffer.concat([Buffer.from('{"type":"trade","x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      'malformed',
    ],
    ['two frames of good events', [text, text], 'frame_count'],
    ['a hundred empty frames', Array.from({ length: 100 }, () => ''), 'frame_count'],
    ['a 10 MB frame', json(trade({ padding: 'x'.repeat(10 * MIB) })), 'oversize'],
    ['a 10 MB binary frame', Buffer.alloc(10 * MIB, 0xff), 'oversize'],
    ['a batch with too many events', `[${'0,'.repeat(65_536)}0]`, 'batch_size'],
    ['null', 'null', 'not_an_object'],
    ['a number', '1e309', 'not_an_object'],
    ['a string', '"trade"', 'not_an_object'],
    ['an array in an array', '[[]]', 'not_an_object'],
    ['nesting deeper than a stack', '['.repeat(100_000) + ']'.repeat(100_000), 'not_an_object'],
    ['an event without a type', json({ side: 'buy', qty: 1, ts: 1 }), 'unknown_type'],
    ['an unknown type', json(trade({ type: 'quote' })), 'unknown_type'],
    ['a type that is an object', json(trade({ type: { cmd: 'trade' } })), 'unknown_type'],
    ['a type named like a built-in', json(trade({ type: '__proto__' })), 'unknown_type'],
    [
      'fields only under __proto__',
      '{"__proto__":{"type":"trade","side":"buy","qty":1,"ts":1}}',
      'unknown_type',
    ],
    [
      'a __proto__ that would supply the quantity',
      '{"type":"trade","side":"buy","ts":1,"__proto__":{"qty":1}}',
      'invalid_qty',
    ],
    ['an unknown side', json(trade({ side: 'hold' })), 'invalid_side'],
    ['a side named like a built-in', json(trade({ side: '__proto__' })), 'invalid_side'],
    ['a negative quantity', json(trade({ qty: -1 })), 'invalid_qty'],
    ['a quantity as text', json(trade({ qty: '1' })), 'invalid_qty'],
    ['a quantity over the largest float', text.replace('"qty":1', '"qty":1e309'), 'invalid_qty'],
    ['the largest float as a quantity', json(trade({ qty: Number.MAX_VALUE })), 'invalid_qty'],
    ['a time in milliseconds', json(trade({ ts: Date.now() })), 'implausible_ts'],
    ['a symbol with a quote', json({ ...trade({}), symbol: 'A"B' }), 'invalid_symbol'],
    ['a symbol of 10 kB', json({ ...trade({}), symbol: 'A'.repeat(10_000) }), 'invalid_symbol'],
    ['a price of zero', json({ ...trade({}), price: 0 }), 'invalid_price'],
    ['a price as text', json({ ...trade({}), price: '1' }), 'invalid_price'],
    ['a time in microseconds', json(trade({ ts: Date.now() * 1000 })), 'implausible_ts'],
    ['a missing time', json({ ...trade(), ts: undefined }), 'invalid_ts'],
    ['a time as text', json(trade({ ts: 'now' })), 'invalid_ts'],
  ])('%s is rejected once, kept, and the next good event counts', async (_, message, reason) => {
    await socket.send(message);
    await sendGoodAndWait(1);

    expect(await sidecar.rejections()).toEqual({ [reason]: 1 });
    const { rejected, letters } = await sidecar.letters();
    expect({ rejected, reasons: letters.map((letter) => letter.reason) }).toEqual({
      rejected: 1,
      reasons: [reason],
    });
    expect(letters[0]?.detail).not.toBe('');
    expect(Buffer.byteLength(letters[0]?.content ?? '')).toBeLessThanOrEqual(6000);
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(1);
  });

  it('counts the good events of a batch around the bad ones', async () => {
    const bad = [
      trade({ qty: -1 }),
      null,
      'trade',
      trade({ type: 'quote' }),
      trade({ side: 'x' }),
      trade({ ts: null }),
    ];
    await socket.send(
      json(bad.flatMap((event) => [trade({ qty: 0.25 }), event, trade({ side: 'sell', qty: 2 })])),
    );
    await sendGoodAndWait(7);

    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(2.5);
    expect(await sidecar.metric('trades_total{side="sell"}')).toBe(6);
    expect(await sidecar.metric('volume_total{side="sell"}')).toBe(12);
    expect(await sidecar.rejections()).toEqual({
      invalid_qty: 1,
      not_an_object: 2,
      unknown_type: 1,
      invalid_side: 1,
      invalid_ts: 1,
    });
    expect((await sidecar.letters()).letters.map((letter) => letter.reason).sort()).toEqual([
      'invalid_qty',
      'invalid_side',
      'invalid_ts',
      'not_an_object',
      'not_an_object',
      'unknown_type',
    ]);
  });

  it('takes an empty batch for no events at all', async () => {
    await socket.send('[]');
    await sendGoodAndWait(1);
    expect(await sidecar.rejections()).toEqual({});
  });

  it('is moved by the next trade, however large the legal one before it was', async () => {
    await socket.send(json(trade({ side: 'buy', qty: MAX_QTY })));
    await sendGoodAndWait(2);
    expect(await sidecar.rejections()).toEqual({});
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(MAX_QTY + 1);
  });

  it('does not date the last trade by milliseconds, and dates it by an old tape', async () => {
    await socket.send(json(trade({ ts: Date.now() })));
    await socket.send(json(trade({ side: 'sell', ts: 1_577_836_800.25 })));
    await until(
      'the old trade counts',
      async () => (await sidecar.metric('trades_total{side="sell"}')) === 1,
    );
    expect(await sidecar.metric('last_trade_ts_seconds')).toBe(1_577_836_800.25);
  });

  it('shows text as text, bytes as base64, and a value as JSON', async () => {
    await socket.send('hello');
    await socket.send(binary);
    await socket.send(json(trade({ qty: -1, ts: 5 })));
    await sendGoodAndWait(1);
    const { letters } = await sidecar.letters();
    expect(letters.map(({ encoding, content }) => [encoding, content])).toEqual([
      ['json', json(trade({ qty: -1, ts: 5 }))],
      ['base64', binary.toString('base64')],
      ['text', 'hello'],
    ]);
  });

  it('keeps every count exact through a thousand bad messages among good ones', async () => {
    for (let round = 0; round < 1000; round += 1) {
      await socket.send(round % 2 === 0 ? '{' : json([trade({ qty: 'x' }), trade()]));
    }
    await sendGoodAndWait(501);
    expect(await sidecar.rejections()).toEqual({ malformed: 500, invalid_qty: 500 });
    expect(await sidecar.metric('trading_dead_letters')).toBe(1000);
  });
});
