// Patterns that were registered as something else, and never matched (field case 23).
import { ZmqServer } from '../../src/index.js';

describe('a pattern', () => {
  const server = new ZmqServer({ bind: 'tcp://127.0.0.1:*' });
  const add = (pattern: unknown, extras = {}): void =>
    server.addHandler(pattern as string, () => Promise.resolve(), true, extras);

  it.each([
    ['a RegExp', /^orders\.\d+$/],
    ['an object that holds one', { orders: /1/ }],
    ['a Map', new Map([['cmd', 'sum']])],
    ['a Date', new Date(0)],
    ['a * in the middle', 'sensor.*.status'],
    ['a * at the beginning', '*.status'],
    ['two of them', 'sensor.**'],
    ['nothing', undefined],
    ['NaN', Number.NaN],
    ['a function in an object', { cmd: () => 1 }],
  ])('that is %s is refused when it is registered, for one event and for batches', (_, pattern) => {
    for (const extras of [{}, { zmqBatch: true }]) {
      expect(() => add(pattern, extras)).toThrow(
        expect.objectContaining({
          code: 'ERR_ZMQ_INVALID_OPTIONS',
          message: expect.stringContaining('pattern'),
        }),
      );
    }
  });

  it.each([
    ['a word', 'trade'],
    ['a beginning', 'sensor.*'],
    ['all', '*'],
    ['a number', 7],
    ['an object', { cmd: 'sum', version: [1, null, { a: true }] }],
    ['an object without a prototype', Object.assign(Object.create(null), { cmd: 'sum' })],
  ])('that is %s is taken', (_, pattern) => {
    expect(() => add(pattern)).not.toThrow();
  });
});
