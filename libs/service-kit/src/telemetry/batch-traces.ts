import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { hrTimeOf, type Messaging, messagingAttributes } from './messaging.js';
import { type TracedEvent, tracesOf } from './trace-parent.js';

/** What is known of a batch when its handler is called. */
export interface ReceivedBatch {
  /** Unix epoch seconds. */
  readonly receivedAtSeconds: number;
  readonly partition?: number | undefined;
}

/** The span of a batch that is handled now. */
export class BatchTrace {
  private hasFault = false;

  constructor(
    private readonly span: Span,
    private readonly clock: () => number,
  ) {}

  /** An event of the batch was not applied; the span shows the first reason. @param reason of a closed set */
  fault(reason: string): void {
    if (this.hasFault) return;
    this.hasFault = true;
    this.span.setAttribute(ATTR_ERROR_TYPE, reason);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.span.end(hrTimeOf(this.clock()));
  }
}

/**
 * The spans of received batches: one from its receipt to its handler, one for the handler, with a link to each trace that its events
 * belong to. The spans belong to the first of these traces, so that its sampling is kept. A batch without a sampled trace has none.
 */
export class BatchTraces {
  constructor(
    private readonly tracer: Tracer,
    private readonly messaging: Messaging,
  ) {}

  /** The sampled traces of these events, each once. */
  of(events: readonly unknown[]): readonly TracedEvent[] {
    return tracesOf(events).traces;
  }

  /** Call it when the handler of the pattern begins. @returns undefined when no event of the batch is traced */
  begin(
    events: readonly unknown[],
    { receivedAtSeconds, partition }: ReceivedBatch,
    pattern: string,
  ): BatchTrace | undefined {
    const { traces, others } = tracesOf(events);
    const [first] = traces;
    if (first === undefined) return undefined;
    const { link, clock } = this.messaging;
    const { system, stream: destination = pattern } = link;
    const startTime = hrTimeOf(clock());
    const links = traces.map(({ context }) => ({ context }));
    const details = {
      ...(events.length > 1 && { 'messaging.batch.message_count': events.length }),
      ...(partition !== undefined && { 'messaging.destination.partition.id': String(partition) }),
      ...(others > 0 && { 'trading.unlinked_events': others }),
    };
    const parent = trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext({ ...first.context, isRemote: true }));
    const receive = this.tracer.startSpan(
      `receive ${destination}`,
      {
        kind: SpanKind.CLIENT,
        startTime: hrTimeOf(receivedAtSeconds),
        attributes: { ...messagingAttributes(system, destination, 'receive'), ...details },
        links,
      },
      parent,
    );
    const process = this.tracer.startSpan(
      `process ${destination}`,
      {
        kind: SpanKind.CONSUMER,
        startTime,
        attributes: { ...messagingAttributes(system, destination, 'process'), ...details },
        links,
      },
      trace.setSpan(ROOT_CONTEXT, receive),
    );
    receive.end(startTime);
    return new BatchTrace(process, clock);
  }
}
