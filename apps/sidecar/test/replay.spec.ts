import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { TradeLedger } from '../src/counting/state/trade-ledger.js';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const REPLAYED = 'trading_dead_letters_replayed_total';
const BUYS = 'trades_total{side="buy"}';

describe('POST /dead-letters/:id/replay', () => {
  let sidecar: SidecarUnderTest;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-replay-'));
    sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder });
  });

  afterEach(async () => {
    await sidecar.close();
    await rm(folder, { recursive: true });
  });

  /** Rejects `content` as a handler that failed would, and gives the letter's id. */
  async function rejected(content: unknown): Promise<string> {
    sidecar.app
      .get(RejectionsService)
      .reject({ reason: 'handler_failed', detail: 'boom', content, receivedAtSeconds: 5 });
    return (await sidecar.letters()).letters[0]?.id ?? '';
  }

  async function replay(id: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${sidecar.url}/dead-letters/${id}/replay`, { method: 'POST' });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('applies the event as if it had come in now, and shows on the letter that it did', async () => {
    const event = trade({ qty: 2.5, ts: 7 });
    const id = await rejected(event);
    expect(await replay(id)).toEqual({
      status: 200,
      body: { id, alreadyReplayed: false, replayedAtSeconds: expect.any(Number), event },
    });
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(2.5);
    expect(await sidecar.metric('last_trade_ts_seconds')).toBe(7);
    expect(await sidecar.metric(REPLAYED)).toBe(1);
    expect(await sidecar.rejections()).toEqual({ handler_failed: 1 });
    const { letters } = await sidecar.letters();
    expect(letters).toEqual([expect.objectContaining({ id, replayedAtSeconds: expect.any(Number) })]);
  });

  it('applies it once, however often and however concurrently it is asked, also after a restart', async () => {
    const id = await rejected(trade());
    const answers = await Promise.all(Array.from({ length: 20 }, () => replay(id)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(answers.filter(({ body }) => body['alreadyReplayed'] === false)).toHaveLength(1);

    await sidecar.close();
    sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder });
    const first = answers.find(({ body }) => body['alreadyReplayed'] === false);
    expect(await replay(id)).toEqual({ status: 200, body: { ...first?.body, alreadyReplayed: true } });
    expect(await sidecar.metric(BUYS)).toBe(1);
    expect(await sidecar.metric(REPLAYED)).toBe(1);
  });

  it('is 404 for a letter that is not kept', async () => {
    expect(await replay('nobody-1')).toMatchObject({ status: 404, body: { title: 'Not Found' } });
  });

  it.each<[string, unknown, number, string, string]>([
    ['still breaks the contract', trade({ qty: -1 }), 422, 'qty', 'minimum'],
    ['lacks a field', { type: 'trade', side: 'buy', qty: 1 }, 422, 'ts', 'required'],
    ['is no event', Buffer.from('[{"type":"trade"'), 422, 'content', 'event'],
    ['is JSON but no object', [1], 422, 'content', 'type'],
    ['was cut', trade({ padding: 'x'.repeat(5000) }), 409, 'content', 'complete'],
    ['has a quantity over the largest float', trade({ qty: Number.POSITIVE_INFINITY }), 422, 'qty', 'type'],
  ])('refuses a letter that %s, and leaves it as it is', async (_, content, status, field, rule) => {
    const id = await rejected(content);
    const before = await sidecar.letters();
    expect(await replay(id)).toMatchObject({ status, body: { status, errors: [{ field, rule }] } });
    expect(await sidecar.letters()).toEqual(before);
    expect(await sidecar.metric(BUYS)).toBe(0);
    expect(await sidecar.metric(REPLAYED)).toBe(0);
  });

  it.each<[string, unknown, boolean]>([
    ['that a handler failed at', trade(), true],
    ['with a field of the answer to a refusal', trade({ fault: { status: 422 }, status: 422 }), true],
    ['that breaks the contract', trade({ qty: -1 }), false],
    ['without a time', { type: 'trade', side: 'buy', qty: 1 }, false],
    ['of another type', { type: 'quote' }, false],
    ['that is a batch', [trade(), trade()], false],
    ['that could not be decoded', Buffer.from('{"type":"trade"'), false],
    ['of which only the beginning was kept', trade({ padding: 'x'.repeat(5000) }), false],
    ['that is nothing', undefined, false],
  ])('is announced by the list, for an input %s', async (_, content, replayable) => {
    const id = await rejected(content);
    expect((await sidecar.letters()).letters).toEqual([expect.objectContaining({ id, replayable })]);
    const { status, body } = await replay(id);
    expect(status === 200 && body['alreadyReplayed'] === false).toBe(replayable);
    expect((await sidecar.letters()).letters).toEqual([expect.objectContaining({ id, replayable: false })]);
  });

  it.each([
    ['a quantity over the largest legal one', { qty: Number.MAX_VALUE }, 'qty'],
    ['a time in milliseconds', { ts: Date.now() }, 'ts'],
  ])('refuses %s', async (_, changes, field) => {
    const id = await rejected(trade(changes));
    expect(await replay(id)).toMatchObject({ status: 422, body: { errors: [{ field, rule: 'maximum' }] } });
  });

  it.each(['acknowledged', 'durable'] as const)(
    'applies at once, with DELIVERY=%s, what was rejected beside the acknowledged batches, also after a restart',
    async (DELIVERY) => {
      await sidecar.close();
      sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder, DELIVERY });
      const id = await rejected(trade());
      expect(await replay(id)).toMatchObject({ status: 200, body: { alreadyReplayed: false } });
      await sidecar.close();

      sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder, DELIVERY });
      expect(await sidecar.metric(BUYS)).toBe(1);
      expect(await sidecar.rejections()).toEqual({ handler_failed: 1 });
      expect(await replay(id)).toMatchObject({ status: 200, body: { alreadyReplayed: true } });
    },
  );

  it('waits while a batch is half handled, and is then kept with it', async () => {
    const id = await rejected(trade({ qty: 1 }));
    const gate = new EventEmitter();
    // As a batch: the transport gives no such moment to two at once.
    const batch = sidecar.server.runExclusive(async () => {
      await once(gate, 'end');
      sidecar.app.get(TradeRecorder).record({ type: 'trade', side: 'buy', qty: 100, ts: 7 }, 8);
      await sidecar.app.get(TradeLedger).commit({ producer: 'a', epoch: 'x', sequence: 1 });
    });
    const answer = replay(id);
    expect(await sidecar.metric(BUYS)).toBe(0);
    gate.emit('end');
    await batch;
    expect(await answer).toMatchObject({ status: 200, body: { alreadyReplayed: false } });
    await sidecar.close();

    sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder });
    expect(sidecar.app.get(TradeRecorder).totals().buy).toMatchObject({ trades: 2, volume: 101 });
    expect(await replay(id)).toMatchObject({ status: 200, body: { alreadyReplayed: true } });
    expect(sidecar.app.get(TradeLedger).load()).toEqual([{ producer: 'a', epoch: 'x', sequence: 1 }]);
  });

  it('works without kept state too', async () => {
    await sidecar.close();
    sidecar = await startSidecar({});
    const id = await rejected(trade());
    expect(await replay(id)).toMatchObject({ status: 200, body: { alreadyReplayed: false } });
    expect(await replay(id)).toMatchObject({ status: 200, body: { alreadyReplayed: true } });
    await until('it is counted once', async () => (await sidecar.metric(BUYS)) === 1);
  });
});
