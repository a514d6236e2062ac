import { formatTraceParent, tracesOf } from './trace-parent.js';

const traceId = (n: number): string => n.toString(16).padStart(32, '0');
const parent = (n: number, flags = '01'): string => `00-${traceId(n)}-${'1'.repeat(16)}-${flags}`;
const event = (traceparent?: unknown): object => ({ type: 'trade', traceparent });

describe('tracesOf', () => {
  it('gives each sampled trace once, with the place of its first event', () => {
    const events = [event(), event(parent(1)), event(parent(1)), event(parent(2)), event(parent(1))];
    const { traces, others } = tracesOf(events);
    expect(traces.map(({ context, index }) => [context.traceId, index])).toEqual([
      [traceId(1), 1],
      [traceId(2), 3],
    ]);
    expect(others).toBe(0);
  });

  it('reads back what was written', () => {
    const [first] = tracesOf([event(parent(7))]).traces;
    expect(first && formatTraceParent(first.context)).toBe(parent(7));
  });

  it.each([
    ['a trace that is not sampled', event(parent(1, '00'))],
    ['no text', event(42)],
    ['another text', event('x'.repeat(55))],
    ['a trace of zeros', event(parent(0))],
    ['a long text', event(parent(1).repeat(100_000))],
    ['an object', event({ length: 55 })],
    ['null', null],
    ['a number in place of an event', 7],
    ['an array in place of an event', []],
  ])('finds nothing in %s', (_, value) => {
    expect(tracesOf([value])).toEqual({ traces: [], others: 0 });
  });

  it('tells at most 128 traces apart, and counts the events of the rest', () => {
    const { traces, others } = tracesOf(Array.from({ length: 1000 }, (_, n) => event(parent(n + 1))));
    expect([traces.length, others]).toEqual([128, 872]);
  });
});
