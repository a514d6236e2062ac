import { askJson, askText } from './problem-error.js';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** The next answers are this body, with this status. */
function answer(body: BodyInit, status = 200): void {
  const headers = { 'content-type': 'application/problem+json' };
  globalThis.fetch = () => Promise.resolve(new Response(body, { status, headers }));
}

function cutBody(): ReadableStream {
  return new ReadableStream({ pull: (stream) => stream.error(new TypeError('network error')) });
}

describe('asking a server', () => {
  it.each([200, 500])('says that an answer was cut short, status %d', async (status) => {
    answer(cutBody(), status);
    await expect(askText('/x')).rejects.toMatchObject({
      code: 'ERR_PROBLEM',
      message: 'the answer was cut short',
    });
  });

  it.each([200, 502])('says that an answer cannot be read, status %d', async (status) => {
    answer('{"a":', status);
    await expect(askJson('/x')).rejects.toMatchObject({
      code: 'ERR_PROBLEM',
      message: 'the answer cannot be read',
    });
  });

  it('shows what a browser would obey in the words of a refusal', async () => {
    answer(JSON.stringify({ detail: 'full\u202e\u009b' }), 503);
    await expect(askJson('/x')).rejects.toMatchObject({ message: 'full\\u202e\\u009b' });
  });

  it("tells a refusal in the server's own words", async () => {
    answer('{"detail":"the queue is full"}', 503);
    await expect(askJson('/x')).rejects.toMatchObject({ status: 503, message: 'the queue is full' });
  });
});
