import { isIPv6 } from 'node:net';

const WINDOW_MS = 1000;
/** Most addresses that are remembered, in addition to those that hold something open. */
const MAX_VISITORS = 10_000;
/** How many of the oldest are examined when one must be forgotten. */
const MAX_LOOKS = 64;

/** What one address has asked for in this second, and what it holds open. */
export interface Visitor {
  windowEndsAtMs: number;
  requests: number;
  scrapes: number;
  /** Costly answers under way. */
  answers: number;
  /** Answers of another server under way. */
  passed: number;
  streams: number;
}

/** The addresses that send requests, each with its counts of a second; bounded in number. */
export class Visitors {
  private readonly known = new Map<string, Visitor>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** The counts of this address; those of the second start again when it is over. */
  at(address: string): Visitor {
    const key = visitorKey(address);
    const visitor = this.known.get(key) ?? this.add(key);
    const now = this.nowMs();
    if (now < visitor.windowEndsAtMs) return visitor;
    visitor.windowEndsAtMs = now + WINDOW_MS;
    visitor.requests = 0;
    visitor.scrapes = 0;
    return visitor;
  }

  private add(key: string): Visitor {
    if (this.known.size >= MAX_VISITORS) this.forgetOne();
    const visitor = { windowEndsAtMs: 0, requests: 0, scrapes: 0, answers: 0, passed: 0, streams: 0 };
    this.known.set(key, visitor);
    return visitor;
  }

  /** Forgets the oldest that holds nothing open: what is held must go back to the count that it was taken from. */
  private forgetOne(): void {
    let looks = 0;
    for (const [key, visitor] of this.known) {
      this.known.delete(key);
      if (visitor.answers + visitor.passed + visitor.streams === 0) return;
      this.known.set(key, visitor);
      looks += 1;
      if (looks === MAX_LOOKS) return;
    }
  }
}

/** An IPv6 host owns a whole /64 and may use another of its addresses for each request, so the network is the visitor. */
export function visitorKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::') || !isIPv6(address)) return address;
  const [left = '', right] = address.split('%', 1)[0]?.split('::') ?? [];
  const head = left.split(':');
  // `a:b::c` has as many zeros in the middle as it takes to make eight groups.
  const zeros = right === undefined ? 0 : 8 - head.length - right.split(':').length;
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...(right ?? '').split(':')];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
