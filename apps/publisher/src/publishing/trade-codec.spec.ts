import { checkTrade, sentAtSeconds } from '@app/contracts';
import { epochSeconds } from '@app/transport-core';
import { ContractSerializer, SentTimeCodec } from './trade-codec.js';

const TRADE = { type: 'trade', side: 'buy', qty: 2.5, ts: 1_795_000_000.5 };

function read(frame: string): object[] {
  return [JSON.parse(frame) as object].flat() as object[];
}

describe('ContractSerializer', () => {
  it('makes the pattern the type of the event, without an envelope', () => {
    const packet = { pattern: 'trade', data: { type: 'other', side: 'buy', qty: 1, ts: 2 } };
    expect(JSON.stringify(new ContractSerializer().serialize(packet))).toBe(
      '{"type":"trade","side":"buy","qty":1,"ts":2}',
    );
  });

  it('takes an event that says its type already as it is', () => {
    const data = { type: 'trade', side: 'buy', qty: 1, ts: 2 };
    expect(new ContractSerializer().serialize({ pattern: 'trade', data })).toBe(data);
  });
});

describe('SentTimeCodec', () => {
  const codec = new SentTimeCodec();

  it('adds when an event was sent, not when it was encoded, and nothing else', () => {
    const { part } = codec.encode(TRADE);
    const before = epochSeconds();

    const [event] = read(codec.join([part]));

    expect(event).toEqual({ ...TRADE, sent: expect.any(Number) as number });
    expect(sentAtSeconds(event ?? {})).toBeGreaterThanOrEqual(before);
    expect(checkTrade(event)).toBeUndefined();
  });

  it('does so for each event of a batch', () => {
    const parts = [codec.encode(TRADE).part, codec.encode({ ...TRADE, side: 'sell' }).part];

    expect(read(codec.join(parts)).map((event) => typeof sentAtSeconds(event))).toEqual(['number', 'number']);
  });
});
