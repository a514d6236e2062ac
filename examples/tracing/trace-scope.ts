import { AsyncLocalStorage } from 'node:async_hooks';
import type { ZmqClient, ZmqContext } from 'nestjs-zmq-transport';
import { formatTraceParent, nextStep, parseTraceParent, type TraceParent } from './trace-parent.js';

const current = new AsyncLocalStorage<TraceParent>();

/** The trace that this code runs in. */
export function currentTrace(): TraceParent | undefined {
  return current.getStore();
}

/** Runs `work` as a step of the trace that came with an event or a request, or as the first step of a new one. */
export function inTraceOf<T>(context: ZmqContext | undefined, work: () => T): T {
  const incoming = parseTraceParent(context?.getMetadata()?.['traceparent']);
  return current.run(nextStep(incoming), work);
}

/**
 * Sends the current trace with everything the client emits or asks. With OpenTelemetry the hook is one line:
 * `propagation.inject(context.active(), (packet.metadata = {}))`, and `propagation.extract` reads it in the handler.
 */
export function traceClient(client: ZmqClient): void {
  client.setOnDispatchHook((packet) => {
    const trace = currentTrace();
    if (trace !== undefined) packet.metadata = { ...packet.metadata, traceparent: formatTraceParent(trace) };
  });
}
