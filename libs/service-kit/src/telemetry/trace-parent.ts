import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/**
 * The field that carries W3C trace context beside an event, in the form of the header `traceparent`:
 * https://www.w3.org/TR/trace-context/#traceparent-header. It is not part of the event, and no event is rejected over it.
 */
export const TRACE_FIELD = 'traceparent';

/** The length of the form that version 00 has, and that later versions begin with. */
const LENGTH = 55;
/** Most traces of one batch that are told apart: as many as a span has links. */
const MAX_TRACES = 128;

export function formatTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** A trace that events of a batch belong to. */
export interface TracedEvent {
  readonly context: SpanContext;
  /** The place of its first event. */
  readonly index: number;
}

/**
 * The sampled traces that the events belong to, each once, and how many events belong to further ones. Looks at one field of each
 * event, and reads it only where it differs from those before.
 */
export function tracesOf(events: readonly unknown[]): { traces: readonly TracedEvent[]; others: number } {
  const seen = new Set<unknown>();
  const traces: TracedEvent[] = [];
  let others = 0;
  let last: unknown;
  for (let index = 0; index < events.length; index += 1) {
    const field: unknown = (events[index] as { [TRACE_FIELD]?: unknown } | null | undefined)?.[TRACE_FIELD];
    if (field === undefined || field === last) continue;
    last = field;
    if (seen.has(field)) continue;
    if (traces.length >= MAX_TRACES) {
      others += 1;
      continue;
    }
    seen.add(field);
    const context = typeof field === 'string' && field.length === LENGTH ? parseTraceParent(field) : null;
    if (context !== null && (context.traceFlags & TraceFlags.SAMPLED) !== 0) traces.push({ context, index });
  }
  return { traces, others };
}
