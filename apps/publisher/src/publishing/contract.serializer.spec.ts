import { ContractSerializer } from './contract.serializer.js';

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
