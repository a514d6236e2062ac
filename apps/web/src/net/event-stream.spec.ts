import { EventStream, type SseMessage } from './event-stream.js';

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
  return { ids, reasons, messages, data: messages.map((message) => message.data) };
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

  it('reads messages of several lines, with a name, and those of servers that end lines as on Windows', async () => {
    const text =
      'retry: 1000\n\nid: a-1\ndata: [1,\ndata: 2]\n\nevent: gap\r\ndata: x\r\n\r\n: still here\n\n';
    const { messages } = await follow([new Response(text)], 2);
    expect(messages).toEqual([
      { event: 'message', data: '[1,\n2]', id: 'a-1' },
      { event: 'gap', data: 'x', id: undefined },
    ]);
  });

  it('takes a stream that is silent for too long as dead, but not one with comments', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const states: string[] = [];
    const stream = new EventStream({
      url: '/events',
      fetch: () => Promise.resolve(new Response(new ReadableStream({ start: (own) => (body = own) }))),
      onMessage: () => undefined,
      onState: (state, reason) => states.push(reason ?? state),
    });
    stream.start();
    while (states.at(-1) !== 'open') await new Promise(setImmediate);
    jest.advanceTimersByTime(30_000);
    body?.enqueue(new TextEncoder().encode(': still here\n\n'));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    jest.advanceTimersByTime(30_000);
    expect(states.at(-1)).toBe('open');
    jest.advanceTimersByTime(6000);
    expect(states).toContain('silent for too long');
    stream.stop();
    jest.useRealTimers();
  });

  it('comes back when nobody answers', async () => {
    const { reasons } = await follow([new TypeError('refused')], 2);
    expect(reasons).toEqual(['refused']);
  });
});
