import { Agent, request } from 'node:http';
import { LatencyRecorder } from '../measure/latency.recorder.js';
import type { WaitStage } from '../options/load.options.js';
import type { PlannedTrade } from '../plan/trade.plan.js';
import type { DueTime, LoadSender, SendReport } from './load.sender.js';

/** Bounded, as a real client's pool is: what waits for a socket waits on the clock of its due time. */
const MAX_SOCKETS = 64;
const ANSWER_TIMEOUT_MS = 10_000;
const ACCEPTED = 202;

/** Posts each event to `POST /trade/:side` over kept-alive connections. */
export class HttpSender implements LoadSender {
  underWay = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  private latency = new LatencyRecorder();
  private errors: Record<string, number> = {};
  private accepted = 0;
  private readonly query: string;
  private readonly headers: Readonly<Record<string, string>>;
  private onIdle: () => void = () => undefined;

  constructor(
    private readonly publisherUrl: string,
    waitFor: WaitStage,
    token?: string,
  ) {
    this.headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    this.query = waitFor === 'applied' ? '?wait=applied' : '';
  }

  send({ side, qty }: PlannedTrade, due: DueTime): void {
    const body = JSON.stringify({ qty });
    const headers = { ...this.headers, 'content-length': body.length };
    this.underWay += 1;
    const post = request(
      `${this.publisherUrl}/trade/${side}${this.query}`,
      { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          this.latency.record((performance.now() - due.clockMs) / 1000);
          this.conclude(answer.statusCode === ACCEPTED ? undefined : `http_${answer.statusCode ?? 'none'}`);
        });
        answer.once('error', (error: NodeJS.ErrnoException) => this.conclude(error.code ?? error.name));
      },
    );
    post.once('timeout', () => post.destroy(Object.assign(new Error('no answer'), { code: 'timeout' })));
    post.once('error', (error: NodeJS.ErrnoException) => this.conclude(error.code ?? error.name));
    post.end(body);
  }

  async settle(): Promise<SendReport> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    const report = { accepted: this.accepted, errors: this.errors, answerLatency: this.latency };
    this.accepted = 0;
    this.errors = {};
    this.latency = new LatencyRecorder();
    return report;
  }

  close(): void {
    this.agent.destroy();
  }

  private conclude(error: string | undefined): void {
    if (error === undefined) this.accepted += 1;
    else this.errors[error] = (this.errors[error] ?? 0) + 1;
    this.underWay -= 1;
    if (this.underWay === 0) this.onIdle();
  }
}
