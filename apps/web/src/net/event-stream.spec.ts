import { EventStream } from './event-stream.js';
import type { SseMessage } from './sse-parser.js';

type Answer = Response | Error;

/** A server with prepared answers; after the last one nothing is answered any more. */
function serverOf(answers: Answer[]): { fetch: typeof fetch; ids: (string | null)[] } {
  const ids: (string | null)[] = [];
  const answer: typeof fetch = (_url, init) => {
    ids.push(new Headers(init?.headers).get('last-event-id'));
    const next = answers.shift();
    if (next === undefined) return new Promise(() => undefined);
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { fetch: answer, ids };
}

async function follow(answers: Answer[], wantedCalls: number) {
  const { fetch, ids } = serverOf(answers);
  const messages: SseMessage[] = [];
  const reasons: string[] = [];
  const stream = new EventStream({
    url: '/events',
    fetch,
    onMessage: (message) => messages.push(message),
    onState: (state, reason) => state === 'retrying' && reasons.push(reason ?? ''),
  });
  stream.start();
  while (ids.length < wantedCalls) await new Promise((resolve) => setTimeout(resolve, 5));
  stream.stop();
  return { ids, reasons, data: messages.map((message) => message.data) };
}

describe('EventStream', () => {
  it('comes back with the last id after the stream ended', async () => {
    const first = new Response('id: a-1\ndata: 1\n\nid: a-2\ndata: 2\n\n');
    const { ids, data, reasons } = await follow([first], 2);
    expect(ids).toEqual([null, 'a-2']);
    expect(data).toEqual(['1', '2']);
    expect(reasons).toEqual(['the stream ended']);
  });

  it('comes back after an answer that is not 200, which would end an EventSource for good', async () => {
    const { data, reasons } = await follow(
      [new Response('', { status: 502 }), new Response('data: 1\n\n')],
      3,
    );
    expect(reasons[0]).toBe('answered 502');
    expect(data).toEqual(['1']);
  });

  it('comes back when nobody answers', async () => {
    const { reasons } = await follow([new TypeError('refused')], 2);
    expect(reasons).toEqual(['refused']);
  });
});
