import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { until } from '../../../testing/wait.js';
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
const many = new EventFeed<unknown>({ intervalMs: 5 });

@Controller()
class FeedController {
  @Get('feed')
  feed(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    feed.serve(request, reply);
  }

  @Get('greeting')
  greeting(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    feed.serve(request, reply, () => ({ greeting: 1 }));
  }

  @Get('many')
  many(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    many.serve(request, reply, () => ({ greeting: 1 }));
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

/** What a reader has been sent so far; no piece is missed, however they come. */
function heardBy(response: IncomingMessage): () => string {
  let text = '';
  response.on('data', (chunk: string) => (text += chunk));
  return () => text;
}

beforeAll(async () => {
  app = await startHttpApp(FeedController);
});
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await until(() => feed.stats().clients + many.stats().clients === 0);
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

  it('tells a reader how things stand, it alone, and after what it has missed', async () => {
    const other = await connect('/feed');
    const heard = heardBy(other);
    feed.publish({ first: true });
    await until(() => heard().includes('"first"'));
    const late = await connect('/greeting', { 'last-event-id': 'another-1' });
    const text = heardBy(late);
    await until(() => text().includes('{"greeting":1}'));
    expect(text().indexOf('{"first":true}')).toBeGreaterThan(0);
    expect(text().indexOf('{"first":true}')).toBeLessThan(text().indexOf('{"greeting":1}'));
    feed.publish({ second: true });
    await until(() => heard().includes('"second"'));
    expect(heard()).not.toContain('greeting');
  });

  it('writes what readers at one place have missed once, and few places in one turn', async () => {
    let written = 0;
    const item = {
      toJSON: (): number => {
        // All that is written in one go is over when the next turn begins.
        if (written === 0) setImmediate(() => (written = 0));
        written += 1;
        mostInOneTurn = Math.max(mostInOneTurn, written);
        return 1;
      },
    };
    let mostInOneTurn = 0;
    const keeper = heardBy(await connect('/many'));
    await until(() => keeper().includes('"greeting"'));
    const [, epoch] = /id: (\w+)-/.exec(keeper()) ?? [];
    for (let n = 0; n < 20; n += 1) many.publish(item);
    await until(() => keeper().includes('data: [1'));
    mostInOneTurn = 0;
    const back = async (id: string): Promise<string> => {
      const text = heardBy(await connect('/many', { 'last-event-id': id }));
      await until(() => text().includes('"greeting"'));
      return text();
    };
    // Twelve at the same place cost as much as one, and eight at others wait for their turns.
    const same = Array.from({ length: 12 }, () => back('another-1'));
    const others = Array.from({ length: 8 }, (_, n) => back(`${epoch}-${n}`));
    const texts = await Promise.all([...same, ...others]);
    expect(texts.map((text) => JSON.parse(/data: (\[1.*\])/.exec(text)?.[1] ?? '[]') as unknown[])).toEqual([
      ...same.map(() => Array.from({ length: 20 }, () => 1)),
      ...others.map((_, n) => Array.from({ length: 20 - n }, () => 1)),
    ]);
    expect(mostInOneTurn).toBeLessThanOrEqual(4 * 20);
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
