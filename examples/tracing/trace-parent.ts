import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
export interface TraceParent {
  /** 32 hexadecimal digits, the same in every service a request passes. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the step that caused this one. */
  readonly parentId: string;
  readonly sampled: boolean;
}

const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The first step of a trace, or the next step of `trace`. */
export function nextStep(trace?: TraceParent): TraceParent {
  return {
    traceId: trace?.traceId ?? randomBytes(16).toString('hex'),
    parentId: randomBytes(8).toString('hex'),
    sampled: trace?.sampled ?? true,
  };
}

/** The value of a `traceparent` header. */
export function formatTraceParent({ traceId, parentId, sampled }: TraceParent): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;
}

/** Undefined for anything that is no `traceparent`: what a peer sends is not to be trusted. */
export function parseTraceParent(header: string | undefined): TraceParent | undefined {
  const [, traceId, parentId, flags] = FORM.exec(header ?? '') ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
