import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventFeed } from '../src/index.js';
import { startHttpApp } from './http-app.fixture.js';

const MAX_BACKLOG_BYTES = 256 * 1024;
const feed = new EventFeed<unknown>({
  ringItems: 100,
  intervalMs: 5,
  maxBacklogBytes: MAX_BACKLOG_BYTES,
  maxClients: 2,
});
const shortLived = new EventFeed<unknown>({ intervalMs: 60_000 });

@Controller()
class FeedController {
  @Get('feed')
  feed(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    feed.serve(request, reply);
  }

  @Get('short')
  short(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    shortLived.serve(request, reply);
  }
}

let app: NestFastifyApplication;
const open: IncomingMessage[] = [];

async function connect(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(`${await app.getUrl()}${path}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  open.push(response);
  return response;
}

async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  let text = '';
  while (!text.includes(wanted)) {
    const [chunk] = (await once(response, 'data')) as [string];
    text += chunk;
  }
  return text;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

beforeAll(async () => {
  app = await startHttpApp(FeedController);
});
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await until(() => feed.stats().clients === 0);
});
afterAll(() => app.close());

describe('EventFeed', () => {
  it('sends what was published together as one message with an id', async () => {
    const stream = await connect('/feed');
    expect(stream.headers['content-type']).toContain('text/event-stream');
    feed.publish({ n: 1 });
    feed.publish({ n: 2 });
    expect(await readUntil(stream, '{"n":2}')).toMatch(/id: \S+\ndata: \[\{"n":1\},\{"n":2\}\]\n\n/);
  });

  it('starts a new reader at now', async () => {
    feed.publish({ before: true });
    const stream = await connect('/feed');
    feed.publish({ after: true });
    expect(await readUntil(stream, 'after')).not.toContain('before');
  });

  it('gives a reader that comes back what it missed', async () => {
    const first = await connect('/feed');
    feed.publish({ seen: true });
    const id = /id: (\S+)/.exec(await readUntil(first, '"seen"'))?.[1];
    first.destroy();
    feed.publish({ missed: true });
    const second = await connect('/feed', { 'last-event-id': String(id) });
    const text = await readUntil(second, '"missed"');
    expect(text).toContain('data: [{"missed":true}]');
    expect(text).not.toContain('"seen"');
  });

  it('replays all it has to a reader whose id is from another process', async () => {
    feed.publish({ kept: true });
    const stream = await connect('/feed', { 'last-event-id': 'another-9999' });
    expect(await readUntil(stream, '{"kept":true}')).toMatch(/id: \S+\ndata: \[/);
  });

  it('tells a reader how many items it can no longer get', async () => {
    const stream = await connect('/feed');
    for (let n = 0; n < 130; n += 1) feed.publish({ n });
    const text = await readUntil(stream, '{"n":129}');
    expect(text).toContain('event: gap\ndata: {"missed":30}\n\n');
    expect(text).toContain('data: [{"n":30},');
  });

  it('refuses more readers than it may have', async () => {
    await connect('/feed');
    await connect('/feed');
    const third = await connect('/feed');
    expect(third.statusCode).toBe(503);
    expect(third.headers['content-type']).toContain('problem+json');
  });

  it('drops a reader that does not read, counts it, and keeps serving the others', async () => {
    const slow = await connect('/feed');
    slow.pause();
    const quick = await connect('/feed');
    const dropped = feed.stats().droppedClients;
    const padding = 'x'.repeat(MAX_BACKLOG_BYTES / 2);
    // One message at a time, so that a reader that does read never has more than that waiting.
    for (let n = 0; feed.stats().droppedClients === dropped; n += 1) {
      feed.publish({ padding, n });
      await readUntil(quick, `"n":${n}}`);
    }
    expect(feed.stats()).toMatchObject({ clients: 1, droppedClients: dropped + 1 });
  });

  it('sends what is left, ends its streams and takes no other when it is closed', async () => {
    const stream = await connect('/short');
    shortLived.publish({ last: true });
    shortLived.close();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toContain('data: [{"last":true}]');
    expect((await connect('/short')).statusCode).toBe(503);
  });
});
