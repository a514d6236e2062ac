import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, globalAgent, request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { retryAfterMs } from '../exchange/back-off.js';
import { isObject } from '../exchange/exchange.js';
import type { FeedTrade, SinkOutcome, TradeBatch, TradeSink } from './trade-sink.js';

const ANSWER_TIMEOUT_MS = 30_000;
/** What a refused item names when only its moment was wrong, and not the item. */
const FOR_NOW = new Set(['outbox', 'spool', 'publisher']);
/** Statuses of a moment; every other refusal would come again. */
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);
const DEFAULT_WAIT_MS = 1000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

/** Posts to the publisher's `POST /trades`, which sets the time of each trade. */
export class PublisherSink implements TradeSink {
  private readonly agent: Agent;
  private readonly request: typeof request;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly address: string,
    token?: string,
  ) {
    const isSecure = address.startsWith('https:');
    const pool = { keepAlive: true, maxSockets: 1 };
    this.agent = isSecure ? new SecureAgent({ ...globalAgent.options, ...pool }) : new Agent(pool);
    this.request = isSecure ? secureRequest : request;
    this.headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
  }

  async send(batch: TradeBatch, signal: AbortSignal): Promise<SinkOutcome> {
    try {
      return outcomeOf(await this.post(batch, signal), batch.trades);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { kind: 'later', waitMs: 0, why: code ?? message };
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async post({ key, trades }: TradeBatch, signal: AbortSignal): Promise<Answer> {
    const body = JSON.stringify(trades.map(({ side, qty, symbol, price }) => ({ side, qty, symbol, price })));
    const length = { 'content-length': body.length, 'idempotency-key': key };
    const post = this.request(`${this.address}/trades`, {
      method: 'POST',
      agent: this.agent,
      headers: { ...this.headers, ...length },
      signal,
    });
    // Once the answer has begun, whoever reads it sees the failure.
    post.on('error', () => undefined);
    const limit = setTimeout(() => post.destroy(new Error('no answer')), ANSWER_TIMEOUT_MS);
    try {
      post.end(body);
      const [answer] = (await once(post, 'response')) as [IncomingMessage];
      const { statusCode: status = 0, headers } = answer;
      return { status, retryAfter: headers['retry-after'], body: parsed(await text(answer)) };
    } finally {
      clearTimeout(limit);
    }
  }
}

/** Undefined for what is no JSON, such as a proxy's page: the status alone then says what happened. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function outcomeOf({ status, retryAfter, body }: Answer, trades: readonly FeedTrade[]): SinkOutcome {
  const items = refusedItems(body);
  const waitMs = retryAfterMs(retryAfter);
  if (status === 202 || (items.length === trades.length && items.length > 0)) {
    return sorted(items, trades, waitMs || DEFAULT_WAIT_MS);
  }
  const why = `${status} ${detailOf(body)}`.trimEnd();
  if (status === 409) return unknownOutcome(trades);
  if (status === 413) return { kind: 'too_large' };
  return LATER.has(status) ? { kind: 'later', waitMs, why } : { kind: 'never', why };
}

interface RefusedItem {
  readonly index: number;
  readonly field: string;
  readonly rule: string;
}

/** The items that an answer names as refused, and the first rule that each broke. */
function refusedItems(body: unknown): RefusedItem[] {
  const refused = isObject(body) ? body['refused'] : undefined;
  if (!Array.isArray(refused)) return [];
  return refused.filter(isObject).map(({ index, errors }) => {
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    const { field, rule } = isObject(first) ? first : {};
    return { index: Number(index), field: String(field), rule: String(rule) };
  });
}

function sorted(items: readonly RefusedItem[], trades: readonly FeedTrade[], waitMs: number): SinkOutcome {
  const refused: Record<string, number> = {};
  const left: FeedTrade[] = [];
  for (const { index, field, rule } of items) {
    const trade = trades[index];
    if (trade !== undefined && FOR_NOW.has(field)) left.push(trade);
    else refused[`${field} ${rule}`] = (refused[`${field} ${rule}`] ?? 0) + 1;
  }
  return { kind: 'done', accepted: trades.length - items.length, refused, left, waitMs };
}

/** The publisher ended while it handled the batch, and does not know what became of it. Sent again, it could count twice. */
function unknownOutcome({ length }: readonly FeedTrade[]): SinkOutcome {
  const refused = { 'Idempotency-Key unknown_outcome': length };
  return { kind: 'done', accepted: 0, refused, left: [], waitMs: 0 };
}

function detailOf(body: unknown): string {
  const { detail } = isObject(body) ? body : {};
  return typeof detail === 'string' ? detail.replaceAll(/\p{C}+/gu, ' ') : '';
}
