import { Agent, request } from 'node:http';

const ANSWER_TIMEOUT_MS = 30_000;
const MAX_SOCKETS = 32;

/**
 * The outcome of a post.
 * - `answered`: the publisher answered
 * - `unsent`: it never reached the publisher
 * - `unknown`: it was sent, and nobody can tell its outcome any more
 */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'unsent' }
  | { readonly kind: 'unknown' };

/** Posts JSON to the publisher over kept-alive connections. */
export class TradePoster {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });

  /** @param token the publisher's token, if it needs one */
  constructor(
    private readonly publisherUrl: string,
    private readonly token?: string,
  ) {}

  /** Never rejects: no answer is an outcome too. */
  post(path: string, value: object): Promise<PostOutcome> {
    const body = JSON.stringify(value);
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
    };
    return new Promise((resolve) => {
      const options = { method: 'POST', agent: this.agent, headers, timeout: ANSWER_TIMEOUT_MS };
      const post = request(this.publisherUrl + path, options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.once('end', () => resolve({ kind: 'answered', status: answer.statusCode ?? 0, body: text }));
        answer.once('error', () => resolve({ kind: 'unknown' }));
      });
      post.once('timeout', () => post.destroy(new Error('no answer')));
      post.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ kind: error.code === 'ECONNREFUSED' ? 'unsent' : 'unknown' }),
      );
      post.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Whether an answer names the event, which was taken then. */
export function namesEvent(body: string): boolean {
  return typeof (JSON.parse(body) as { eventId?: unknown }).eventId === 'string';
}

/** The positions of items that a bulk answer names as refused. */
export function refusedIn(body: string): ReadonlySet<number> {
  const { refused = [] } = JSON.parse(body) as { refused?: { index: number }[] };
  return new Set(refused.map(({ index }) => index));
}
