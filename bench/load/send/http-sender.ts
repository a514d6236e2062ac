import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, globalAgent, request as secureRequest } from 'node:https';
import { LatencyRecorder } from '../measure/latency-recorder.js';
import type { WaitStage } from '../options/load-options.js';
import type { PlannedTrade } from '../plan/trade-plan.js';
import type { DueTime, LoadSender, SendReport } from './load-sender.js';

/** Bounded, like a real client's pool: the time that a post waits for a socket counts from its due time. */
const MAX_SOCKETS = 64;
const ANSWER_TIMEOUT_MS = 10_000;
const ACCEPTED = 202;
/** Answers that every other post would get too: who may post, and how, does not change during a run. */
const LASTING = /^http_(400|401|403|404|405|409|411|413|415|422)$/;
/** This many of them without anything accepted are no accident. */
const HOPELESS_REFUSALS = 20;
const MAX_EXPLANATION_BYTES = 16_384;

/** Posts each event to `POST /trade/:side` over kept-alive connections. */
export class HttpSender implements LoadSender {
  underWay = 0;
  private readonly agent: Agent;
  private readonly request: typeof request;
  private latency = new LatencyRecorder();
  private errors: Record<string, number> = {};
  private explanations: Record<string, string> = {};
  private accepted = 0;
  private readonly query: string;
  private readonly headers: Readonly<Record<string, string>>;
  private onIdle: () => void = () => undefined;

  constructor(
    private readonly publisherUrl: string,
    waitFor: WaitStage,
    token?: string,
  ) {
    const isSecure = publisherUrl.startsWith('https:');
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.agent = isSecure ? new SecureAgent({ ...globalAgent.options, ...pool }) : new Agent(pool);
    this.request = isSecure ? secureRequest : request;
    this.headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    this.query = waitFor === 'applied' ? '?wait=applied' : '';
  }

  send({ side, qty, symbol, price }: PlannedTrade, due: DueTime): void {
    const body = JSON.stringify({ qty, symbol, price });
    const headers = { ...this.headers, 'content-length': body.length };
    this.underWay += 1;
    const post = this.request(
      `${this.publisherUrl}/trade/${side}${this.query}`,
      { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS },
      (answer) => {
        const error = answer.statusCode === ACCEPTED ? undefined : `http_${answer.statusCode ?? 'none'}`;
        if (error !== undefined && !(error in this.explanations)) this.explain(error, answer);
        else answer.resume();
        answer.once('end', () => {
          this.latency.record((performance.now() - due.clockMs) / 1000);
          this.conclude(error);
        });
        answer.once('error', (error: NodeJS.ErrnoException) => this.conclude(error.code ?? error.name));
      },
    );
    post.once('timeout', () => post.destroy(Object.assign(new Error('no answer'), { code: 'timeout' })));
    post.once('error', (error: NodeJS.ErrnoException) => this.conclude(error.code ?? error.name));
    post.end(body);
  }

  get isHopeless(): boolean {
    if (this.accepted > 0) return false;
    const lasting = Object.entries(this.errors).filter(([kind]) => LASTING.test(kind));
    return lasting.reduce((sum, [, count]) => sum + count, 0) >= HOPELESS_REFUSALS;
  }

  async settle(): Promise<SendReport> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    const { accepted, errors, explanations, latency } = this;
    const report = { accepted, errors, explanations, answerLatency: latency };
    this.accepted = 0;
    this.errors = {};
    this.explanations = {};
    this.latency = new LatencyRecorder();
    return report;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Keeps the publisher's reason for a refusal: the `detail` of its problem document. */
  private explain(kind: string, answer: IncomingMessage): void {
    this.explanations[kind] = '';
    let text = '';
    answer
      .setEncoding('utf8')
      .on('data', (part: string) => (text = `${text}${part}`.slice(0, MAX_EXPLANATION_BYTES)));
    answer.once('end', () => {
      this.explanations[kind] = detailOf(text);
    });
  }

  private conclude(error: string | undefined): void {
    if (error === undefined) this.accepted += 1;
    else this.errors[error] = (this.errors[error] ?? 0) + 1;
    this.underWay -= 1;
    if (this.underWay === 0) this.onIdle();
  }
}

/** Empty when the text is no problem document. */
function detailOf(text: string): string {
  let problem: unknown;
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy's page, or nothing: only the status is left to report.
    return '';
  }
  const { detail, title } = (problem ?? {}) as { detail?: unknown; title?: unknown };
  const said = typeof detail === 'string' ? detail : title;
  return typeof said === 'string' ? said.replaceAll(/\p{C}+/gu, ' ') : '';
}
