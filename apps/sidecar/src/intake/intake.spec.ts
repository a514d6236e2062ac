import { ContractDeserializer } from './intake.js';

describe('ContractDeserializer', () => {
  const deserializer = new ContractDeserializer();

  it('takes the type for the pattern and the whole event for the data', () => {
    const event = { type: 'trade', qty: 1 };
    const packet = deserializer.deserialize(event);
    expect(packet.pattern).toBe('trade');
    expect(packet.data).toBe(event);
  });

  it.each([null, undefined, 5, 'trade', [], {}, JSON.parse('{"__proto__":{"type":"trade"}}')])(
    'gives %p no pattern',
    (value) => {
      expect(deserializer.deserialize(value).pattern).toBeUndefined();
    },
  );
});
