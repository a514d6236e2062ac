import { Agent, request } from 'node:http';
import { LatencyRecorder } from './latency.recorder.js';
import { loadEvent } from './load.event.js';
import type { LoadSender, SendReport } from './load.sender.js';

/** Bounded, as a real client's pool is: what waits for a socket waits on the clock of its due time. */
const MAX_SOCKETS = 64;
const ANSWER_TIMEOUT_MS = 10_000;
const ACCEPTED = 202;

/** Posts each event to `POST /trade/:side` over kept-alive connections. */
export class HttpSender implements LoadSender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  private readonly latency = new LatencyRecorder();
  private readonly errors: Record<string, number> = {};
  private accepted = 0;
  private underWay = 0;
  private onIdle: () => void = () => undefined;

  constructor(private readonly publisherUrl: string) {}

  send(index: number, dueEpochSeconds: number): void {
    const { side, qty } = loadEvent(index);
    const body = JSON.stringify({ qty });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': body.length,
    };
    this.underWay += 1;
    const post = request(
      `${this.publisherUrl}/trade/${side}`,
      { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          this.latency.record((performance.timeOrigin + performance.now()) / 1000 - dueEpochSeconds);
          this.settle(answer.statusCode === ACCEPTED ? undefined : `http_${answer.statusCode ?? 'none'}`);
        });
        answer.once('error', (error: NodeJS.ErrnoException) => this.settle(error.code ?? error.name));
      },
    );
    post.once('timeout', () => post.destroy(Object.assign(new Error('no answer'), { code: 'timeout' })));
    post.once('error', (error: NodeJS.ErrnoException) => this.settle(error.code ?? error.name));
    post.end(body);
  }

  async finish(): Promise<SendReport> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    this.agent.destroy();
    return { accepted: this.accepted, errors: this.errors, answerLatency: this.latency };
  }

  private settle(error: string | undefined): void {
    if (error === undefined) this.accepted += 1;
    else this.errors[error] = (this.errors[error] ?? 0) + 1;
    this.underWay -= 1;
    if (this.underWay === 0) this.onIdle();
  }
}
