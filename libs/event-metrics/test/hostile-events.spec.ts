import type { EventFault, EventTallies } from '../src/index.js';
import { samplesOf, talliesOf } from './tallies.fixture.js';

const FILE = `events:
  order:
    metrics:
      - counter: orders_total
        help: Orders.
        labels: { venue: { from: /venue, max: 3, default: none }, source: desk }
      - counter: qty_total
        help: Quantity.
        value: /qty
        scale: 0.5
      - histogram: order_seconds
        help: Time.
        value: /t/ms
        scale: 0.001
        buckets: [0.01, 0.1]
        where: { /state: [filled, 1, null] }
      - counter: by_desk_total
        help: By desk.
        labels: { desk: { from: /desk, values: [fx, rates] } }
        where: { /has_desk: [true] }
`;

const fine = { type: 'order', venue: 'X', qty: 2 };

describe('a configured type', () => {
  let tallies: EventTallies;

  beforeEach(() => {
    tallies = talliesOf(FILE);
  });

  /** The faults of the events that are not counted, by place. */
  function record(events: readonly unknown[]): Record<number, EventFault> {
    const faults: Record<number, EventFault> = {};
    const counted = tallies.record('order', events, 100, (index, fault) => (faults[index] = fault));
    expect(counted).toBe(events.length - Object.keys(faults).length);
    return faults;
  }

  it.each([
    ['a pointer that finds nothing', { ...fine, qty: undefined }, 'invalid_value', '/qty', 'required'],
    ['a value that is no number', { ...fine, qty: '2' }, 'invalid_value', '/qty', 'type'],
    ['null for a value', { ...fine, qty: null }, 'invalid_value', '/qty', 'type'],
    ['an infinite value', { ...fine, qty: Number.POSITIVE_INFINITY }, 'invalid_value', '/qty', 'type'],
    ['a value beyond the bound', { ...fine, qty: 3e15 }, 'invalid_value', '/qty', 'maximum'],
    ['a step that takes a counter down', { ...fine, qty: -1 }, 'invalid_value', '/qty', 'minimum'],
    ['a label that is an object', { ...fine, has_desk: true, desk: {} }, 'invalid_label', '/desk', 'label'],
    ['a label that is missing', { ...fine, has_desk: true }, 'invalid_label', '/desk', 'label'],
    ['a pointer through a text', { ...fine, state: 'filled', t: 'ms' }, 'invalid_value', '/t/ms', 'required'],
    ['a list for an event', [], 'invalid_event', '', 'type'],
    ['null for an event', null, 'invalid_event', '', 'type'],
  ])('rejects %s, and counts nothing of the event', (_, event, reason, field, rule) => {
    expect(record([event, fine])).toMatchObject({ 0: { reason, field, rule } });
    expect(samplesOf(tallies)).toEqual({ '["orders_total","X"]': 1, '["qty_total"]': 1 });
  });

  it('applies a filter, a scale and a default', () => {
    record([
      { ...fine, venue: null },
      { ...fine, venue: 5, state: 'filled', t: { ms: 50 } },
      { ...fine, venue: true, state: 1, t: { ms: 5 } },
      { ...fine, venue: 'true', state: null, t: { ms: 500 } },
    ]);
    expect(samplesOf(tallies)).toEqual({
      '["orders_total","none"]': 1,
      '["orders_total","5"]': 1,
      '["orders_total","true"]': 2,
      '["qty_total"]': 4,
      '["order_seconds"]': [0.555, 1, 1, 1],
    });
  });

  it('counts a label of 10 kB, and values beyond the bound or the list, as other', () => {
    record([
      { ...fine, venue: 'v'.repeat(10_240) },
      { ...fine, has_desk: true, desk: 'equities' },
      { ...fine, has_desk: true, desk: 'fx' },
    ]);
    expect(samplesOf(tallies)).toMatchObject({
      '["orders_total","other"]': 1,
      '["by_desk_total","other"]': 1,
      '["by_desk_total","fx"]': 1,
    });
    expect(tallies.overflowed).toBe(2);
  });

  it('stays small under a million label values, whatever they are', () => {
    for (let batch = 0; batch < 100; batch += 1) {
      record(Array.from({ length: 10_000 }, (_, n) => ({ ...fine, venue: `${batch} ${n}` })));
    }
    expect([...(tallies.find('orders_total')?.all() ?? [])]).toHaveLength(4);
    expect(tallies.overflowed).toBe(999_997);
    expect(samplesOf(tallies)).toMatchObject({ '["orders_total","other"]': 999_997 });
  });

  it('lets rejected events take no room', () => {
    record(Array.from({ length: 100 }, (_, n) => ({ venue: `bad ${n}` })));
    record([fine]);
    expect(samplesOf(tallies)).toEqual({ '["orders_total","X"]': 1, '["qty_total"]': 1 });
  });

  it('sees what a sender wrote under __proto__, and never what objects inherit', () => {
    tallies = talliesOf(`events:
  order:
    metrics:
      - counter: a_total
        help: A.
        labels:
          p: { from: /__proto__/polluted, max: 9, default: none }
          c: { from: /constructor/name, max: 9, default: none }
          l: { from: /list/length, max: 9, default: none }
`);
    record([JSON.parse('{"__proto__": {"polluted": "yes"}, "list": [1, 2]}'), {}]);
    expect(samplesOf(tallies)).toEqual({
      '["a_total","yes","none","none"]': 1,
      '["a_total","none","none","none"]': 1,
    });
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('shows half of a surrogate pair as one value, so that no two series have one name', () => {
    record([
      { ...fine, venue: '\ud800' },
      { ...fine, venue: '\udfff' },
    ]);
    expect(samplesOf(tallies)).toMatchObject({ '["orders_total","\ufffd"]': 2 });
  });

  it('rejects what is nested too deep, and text that is too long for a pattern, in linear time', () => {
    tallies = talliesOf(`events:
  order:
    schema:
      properties: { deep: { enum: [[[]]] }, text: { pattern: '^(a+)+$' } }
    metrics: [{ counter: a_total, help: A. }]
`);
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    expect(
      record([{ deep }, { text: 'a'.repeat(1025) }, { text: `${'a'.repeat(1000)}b` }, { text: 'aa' }]),
    ).toMatchObject({
      0: { reason: 'invalid_event' },
      1: { reason: 'invalid_event', field: '/text', rule: 'pattern' },
      2: { reason: 'invalid_event', field: '/text', rule: 'pattern' },
    });
  });

  it('lets a schema name all fields of its events, beside those that travel with every event', () => {
    tallies = talliesOf(`events:
  order:
    schema: { properties: { venue: { type: string } }, additionalProperties: false }
    metrics: [{ counter: a_total, help: A. }]
`);
    const order = { type: 'order', venue: 'X', sent: 1.5, traceparent: '00-1-2-01' };
    expect(record([order, { ...order, more: 1 }])).toMatchObject({ 1: { rule: 'additionalProperties' } });
  });

  it('knows no type that is not in the file', () => {
    expect(tallies.record('constructor', [fine], 1, () => undefined)).toBeUndefined();
  });
});

describe('a silent series', () => {
  const yaml = `events:
  order:
    metrics:
      - counter: orders_total
        help: Orders.
        labels: { venue: { from: /venue, max: 2 }, side: { from: /side, values: [buy, sell] } }
        ends_after_seconds: 60
      - counter: all_total
        help: All.
        ends_after_seconds: 60
`;

  it('ends, and makes room for another value', () => {
    const tallies = talliesOf(yaml);
    const at = (venue: string, seconds: number): unknown =>
      tallies.record('order', [{ venue, side: 'buy' }], seconds, () => undefined);
    at('a', 100);
    at('b', 130);
    at('c', 140);
    expect(samplesOf(tallies)).toMatchObject({ '["orders_total","other","buy"]': 1 });
    at('b', 165);
    at('d', 166);
    expect(samplesOf(tallies)).toEqual({
      '["orders_total","b","buy"]': 2,
      '["orders_total","other","buy"]': 1,
      '["orders_total","d","buy"]': 1,
      '["all_total"]': 5,
    });
    tallies.endSilent(1000);
    // What has no label from the event exists from the start, and stays.
    expect(samplesOf(tallies)).toEqual({ '["all_total"]': 5 });
  });

  it('is named among the changes, once', () => {
    const tallies = talliesOf(yaml);
    tallies.record('order', [{ venue: 'a', side: 'buy' }], 100, () => undefined);
    const ids = tallies.takeChanges().map(({ id }) => id);
    expect(tallies.takeChanges()).toEqual([]);
    tallies.endSilent(161);
    const ended = tallies.takeChanges();
    expect(ended).toEqual([{ id: expect.any(Number), series: undefined }]);
    expect(ids).toContain(ended[0]?.id);
  });
});

describe('another file', () => {
  it('continues metrics that stay, and leaves those that changed their labels or buckets', () => {
    const before = talliesOf(FILE);
    before.record('order', [{ ...fine, state: 'filled', t: { ms: 5 } }], 100, () => undefined);
    const { tallies, left } = before.under(
      talliesOf(
        FILE.replace('max: 3', 'max: 1').replace('[0.01, 0.1]', '[0.01]').replace('scale: 0.5', 'scale: 1'),
      ).plans,
    );
    expect(left).toBe(1);
    tallies.record('order', [{ ...fine, venue: 'Y' }], 101, () => undefined);
    expect(samplesOf(tallies)).toEqual({
      '["orders_total","X"]': 1,
      '["orders_total","other"]': 1,
      '["qty_total"]': 3,
    });
  });
});
