/** Answers: a request ends with all of its answers or with an error that has a code, never with a gap and never in silence. */
import { Controller, Injectable, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import {
  concat,
  finalize,
  interval,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  type Observable,
  range,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { Dealer } from 'zeromq';
import { HELLO, kindFrame, PACKETS, REPLIES } from '../../src/wire/frames.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Burst {
  readonly count: number;
  readonly bytes: number;
  readonly later?: number;
}

interface Item {
  readonly n: number;
  readonly text: string;
}

let running = 0;
beforeEach(() => (running = 0));

@Injectable()
class PassThrough implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Controller()
class AnswerController {
  /** `count` answers at once, `later` more after a while. */
  @MessagePattern<string>('burst')
  burst(@Payload() { count, bytes, later = 0 }: Burst): Observable<Item> {
    const item = (n: number): Item => ({ n, text: 'x'.repeat(bytes) });
    const rest = timer(later === 0 ? 0 : 200).pipe(mergeMap(() => range(count, later)));
    return concat(range(0, count), rest).pipe(map(item));
  }

  @MessagePattern<string>('text')
  text(@Payload() bytes: number): string {
    return 'x'.repeat(bytes);
  }

  @UseInterceptors(PassThrough)
  @MessagePattern<string>('slow')
  async slow(@Payload() waitMs: number): Promise<string> {
    running += 1;
    await delay(waitMs);
    running -= 1;
    return 'done';
  }

  @MessagePattern<string>('endless')
  endless(): Observable<number> {
    running += 1;
    return interval(5).pipe(finalize(() => (running -= 1)));
  }

  @MessagePattern<string>('never')
  never(): Observable<never> {
    running += 1;
    return NEVER.pipe(finalize(() => (running -= 1)));
  }

  @MessagePattern<string>('fails with nothing')
  failsWithNothing(): Observable<never> {
    return throwError(() => undefined);
  }
}

const scope = new ServiceScope();
afterEach(() => scope.dispose());

function start(server: Parameters<ServiceScope['start']>[0]['server'] = {}): Promise<Service> {
  return scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [AnswerController], server });
}

/** Collects until the request has ended. */
function collect<T>(answers: Observable<T>): Promise<{ readonly items: T[]; readonly error: unknown }> {
  const items: T[] = [];
  return new Promise((resolve) => {
    answers.subscribe({
      next: (item) => items.push(item),
      error: (error: unknown) => resolve({ items, error }),
      complete: () => resolve({ items, error: undefined }),
    });
  });
}

const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a stream of answers', () => {
  it('comes whole, also when it leaves at once', async () => {
    const client = await (await start()).connect();
    const { items, error } = await collect(
      client.send<Item>('burst', { count: 310, bytes: 100_000, later: 10 }),
    );
    expect(error).toBeUndefined();
    expect(items.map(({ n }) => n)).toEqual(numbersTo(320));
  });

  it('that finds no room ends in an error behind all that came before it', async () => {
    const service = await start({ maxPendingReplyBytes: 1_000_000 });
    const client = await service.connect({ requestTimeoutMs: 0 });
    const { items, error } = await collect(client.send<Item>('burst', { count: 310, bytes: 100_000 }));
    expect(error).toMatchObject({ status: 'error', code: 'ERR_ZMQ_ANSWERS_OVERFLOW' });
    expect(items.map(({ n }) => n)).toEqual(numbersTo(items.length));
    expect(items.length).toBeGreaterThan(0);
    expect(service.server.stats()).toMatchObject({ runningRequests: 0, inFlight: 0 });
  });

  it('has no gap for a reader that was blocked, which sees the end when it reads again', async () => {
    const service = await start({ maxPendingReplyBytes: 1_000_000, highWaterMark: 1 });
    const blocked = new Dealer({ linger: 0, receiveHighWaterMark: 1 });
    blocked.connect(service.address);
    const request = { pattern: 'burst', data: { count: 20_000, bytes: 10_000 }, id: '1' };
    await blocked.send([kindFrame(PACKETS), JSON.stringify(request)]);
    await until(() => service.server.stats().droppedReplies > 0);
    const seen: number[] = [];
    let end: { err?: { code?: string } } | undefined;
    while (end === undefined) {
      const [kind, payload = Buffer.alloc(0)] = await blocked.receive();
      if (kind?.[0] === REPLIES) {
        for (const reply of [JSON.parse(payload.toString()) as unknown].flat() as {
          response?: Item;
          err?: { code?: string };
          isDisposed?: boolean;
        }[]) {
          if (reply.response !== undefined) seen.push(reply.response.n);
          if (reply.isDisposed === true || reply.err !== undefined) end = reply;
        }
      }
    }
    blocked.close();
    expect(end.err).toMatchObject({ code: 'ERR_ZMQ_ANSWERS_OVERFLOW' });
    expect(seen).toEqual(numbersTo(seen.length));
  });

  it('that fails with nothing does not complete', async () => {
    const client = await (await start()).connect();
    expect(await collect(client.send('fails with nothing', 1))).toMatchObject({
      items: [],
      error: { status: 'error' },
    });
  });
});

describe('answers to concurrent requests', () => {
  it.each([
    [20, 1024 * 1024],
    [500, 100_000],
  ])('all come to a peer that reads promptly: %d of %d bytes', async (count, bytes) => {
    const client = await (await start()).connect({ requestTimeoutMs: 0 });
    const answers = await Promise.all(
      numbersTo(count).map(() => lastValueFrom(client.send<string>('text', bytes))),
    );
    expect(answers.map(({ length }) => length)).toEqual(numbersTo(count).map(() => bytes));
  });

  it('each end, by an error with a code where there is no room', async () => {
    const service = await start({ maxPendingReplyBytes: 4 * 1024 * 1024 });
    const client = await service.connect({ requestTimeoutMs: 0 });
    const results = await Promise.all(
      numbersTo(20).map(() => collect(client.send<string>('text', 1024 * 1024))),
    );
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(20);
    for (const { error } of failed) {
      expect(error).toMatchObject({ code: 'ERR_ZMQ_ANSWERS_OVERFLOW' });
    }
    expect(service.server.stats().droppedReplies).toBe(failed.length);
  });

  it('are refused by a code beyond maxPendingRequests', async () => {
    const service = await start({ maxPendingRequests: 2 });
    const client = await service.connect();
    const hung = numbersTo(2).map(() => client.send('never', 0).subscribe({ error: () => undefined }));
    await until(() => running === 2);
    expect((await collect(client.send('text', 1))).error).toMatchObject({
      code: 'ERR_ZMQ_TOO_MANY_REQUESTS',
      message: 'too many requests are pending',
    });
    hung.forEach((subscription) => subscription.unsubscribe());
  });
});

describe('a message of answers', () => {
  it('never exceeds what the client takes: one oversize answer is one error', async () => {
    const service = await start({ maxPendingReplyBytes: 32 * 1024 * 1024 });
    const client = await service.connect();
    const others = numbersTo(3).map(() => collect(client.send<string>('slow', 300)));
    await until(() => running === 3);
    const { error } = await collect(client.send<string>('text', 17 * 1024 * 1024));
    expect(error).toMatchObject({ code: 'ERR_ZMQ_ANSWER_TOO_LARGE' });
    for (const other of await Promise.all(others)) {
      expect(other).toEqual({ items: ['done'], error: undefined });
    }
    expect(client.stats().reconnects).toBe(0);
  });

  it('is bounded by what the client announced', async () => {
    const service = await start();
    const client = await service.connect({ maxFrameBytes: 1000 });
    const answers = await Promise.all(
      numbersTo(300).map(() => lastValueFrom(client.send<string>('text', 500))),
    );
    expect(answers).toHaveLength(300);
    expect((await collect(client.send<string>('text', 20_000))).error).toMatchObject({
      code: 'ERR_ZMQ_ANSWER_TOO_LARGE',
    });
    expect(client.stats().reconnects).toBe(0);
  });

  it('is bounded the other way too: a client sends no larger frame than the server takes', async () => {
    const service = await start({ maxFrameBytes: 2000 });
    const client = await service.connect();
    const answers = await Promise.all(
      numbersTo(300).map(() => lastValueFrom(client.send<string>('text', 10))),
    );
    expect(answers).toHaveLength(300);
    await expect(lastValueFrom(client.send('text', { pad: 'x'.repeat(3000) }))).rejects.toMatchObject({
      code: 'ERR_ZMQ_EVENT_TOO_LARGE',
    });
    expect(service.rejected).toEqual([]);
  });

  it('of a client that announces nonsense stays what it was', async () => {
    const service = await start();
    const odd = new Dealer({ linger: 0 });
    odd.connect(service.address);
    for (const maxMessageBytes of [-1, 0, 1.5, 'x', null, 2 ** 60]) {
      await odd.send([kindFrame(HELLO), JSON.stringify({ version: 2, maxMessageBytes })]);
    }
    await odd.send([kindFrame(PACKETS), JSON.stringify({ pattern: 'text', data: 5, id: '1' })]);
    let text = '';
    while (!text.includes('xxxxx')) {
      text += String((await odd.receive())[1]);
    }
    odd.close();
    expect(JSON.parse(text.slice(text.lastIndexOf('{"response"')))).toMatchObject({ response: 'xxxxx' });
  });
});

describe('a server that closes', () => {
  it('waits for a handler behind an interceptor, and says how many run', async () => {
    const service = await start();
    const client = await service.connect();
    const answer = collect(client.send('slow', 500));
    await until(() => running === 1);
    expect(service.server.stats().inFlight).toBe(1);
    const report = await service.server.drain();
    expect(running).toBe(0);
    expect(report).toMatchObject({ inFlight: 0, empty: true });
    expect(await answer).toEqual({ items: ['done'], error: undefined });
  });

  it('ends streams that do not end, and tells their callers', async () => {
    const service = await start({ drainTimeoutMs: 500 });
    const client = await service.connect();
    const answers = ['endless', 'never'].map((pattern) => collect(client.send(pattern, 0)));
    await until(() => running === 2);
    await service.server.drain();
    expect(running).toBe(0);
    for (const { error } of await Promise.all(answers)) {
      expect(error).toMatchObject({ code: 'ERR_ZMQ_SERVER_CLOSING' });
    }
  });

  it('has no peers afterwards, and a client that closed sends nothing', async () => {
    const service = await start();
    const client = await service.connect();
    await until(() => service.server.stats().peers === 1);
    await client.close();
    await expect(lastValueFrom(client.send('text', 1).pipe(toArray()))).rejects.toMatchObject({
      code: 'ERR_ZMQ_CLIENT_CLOSED',
    });
    expect(client.linkState).toBe('closed');
    await service.connect();
    await until(() => service.server.stats().peers === 1);
    await service.server.close();
    expect(service.server.stats().peers).toBe(0);
  });
});
