import { Controller, type INestApplication } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import { type RejectedMessage, ZmqClient, ZmqServer } from '../../src/index.js';
import { EVERY_WIRING, freshBind, REQUEST_WIRINGS, type Wiring } from '../harness/pairs.js';
import { Spies } from '../harness/spies.js';
import { until } from '../harness/until.js';

let handled = 0;

@Controller()
class GuardedController {
  @EventPattern<unknown>('event')
  event(payload: { fail?: boolean }): void {
    handled += 1;
    if (payload.fail === true) {
      throw new Error('wrong');
    }
  }

  @MessagePattern<unknown>('request')
  request(payload: { fail?: boolean }): string {
    this.event(payload);
    return 'done';
  }
}

type Kind = 'standalone' | 'hybrid' | 'hybrid without inheritAppConfig';

/** The app, with the spies as its global enhancers, and a client that is connected to it. */
class Guarded {
  readonly spies = new Spies();
  readonly rejected: RejectedMessage[] = [];
  private app: Pick<INestApplication, 'close'> | undefined;
  private client: ZmqClient | undefined;

  async start(kind: Kind, { pair, network }: Wiring): Promise<ZmqClient> {
    const onRejected = (message: RejectedMessage) => this.rejected.push(message);
    const server = new ZmqServer({ pair, bind: freshBind(network), onRejected });
    const module = await Test.createTestingModule({ controllers: [GuardedController] }).compile();
    if (kind === 'standalone') {
      const app = module.createNestMicroservice({ strategy: server, logger: false });
      this.app = app;
      this.spies.install(app);
      await app.listen();
    } else {
      const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
      this.app = app;
      this.spies.install(app);
      app.connectMicroservice({ strategy: server }, { inheritAppConfig: kind === 'hybrid' });
      await app.startAllMicroservices();
    }
    const client = new ZmqClient({ pair, connect: server.boundAddresses[0] ?? '' });
    this.client = client;
    await client.connect();
    await until(() => client.linkState === 'connected');
    return client;
  }

  async close(): Promise<void> {
    await this.client?.close();
    await this.app?.close();
  }
}

let guarded: Guarded;
beforeEach(() => {
  handled = 0;
  guarded = new Guarded();
});
afterEach(() => guarded.close());

const ROUND = ['guard:rpc', 'interceptor:in', 'pipe', 'interceptor:out'];
const FAILED_ROUND = ['guard:rpc', 'interceptor:in', 'pipe', 'filter:rpc', 'interceptor:out'];

describe.each(EVERY_WIRING)('global enhancers and events over $pair, $network', (wiring) => {
  it.each(['standalone', 'hybrid'] as const)('all run in a %s app', async (kind) => {
    const client = await guarded.start(kind, wiring);
    client.emit('event', {});
    await until(() => guarded.spies.calls.length === ROUND.length);
    expect(guarded.spies.calls).toEqual(ROUND);
    client.emit('event', { fail: true });
    await until(() => guarded.rejected.length === 1);
    expect(guarded.spies.calls).toEqual([...ROUND, ...FAILED_ROUND]);
    expect(guarded.rejected[0]).toMatchObject({ reason: 'handler_failed', detail: 'filtered: wrong' });
  });
});

describe('global enhancers and events that a guard refuses', () => {
  it('keep the event from its handler, and it is counted', async () => {
    guarded.spies.allows = false;
    const client = await guarded.start('standalone', { pair: 'push-pull', network: 'tcp' });
    client.emit('event', {});
    await until(() => guarded.rejected.length === 1);
    expect(handled).toBe(0);
    expect(guarded.spies.calls).toEqual(['guard:rpc', 'filter:rpc']);
  });
});

describe('a hybrid app without inheritAppConfig', () => {
  it('runs none of them, which is Nest’s rule', async () => {
    const client = await guarded.start('hybrid without inheritAppConfig', {
      pair: 'push-pull',
      network: 'tcp',
    });
    client.emit('event', {});
    await until(() => handled === 1);
    expect(guarded.spies.calls).toEqual([]);
  });
});

describe.each(REQUEST_WIRINGS)('global enhancers and requests over $pair, $network', (wiring) => {
  it.each(['standalone', 'hybrid'] as const)('all run in a %s app', async (kind) => {
    const client = await guarded.start(kind, wiring);
    expect(await lastValueFrom(client.send('request', {}))).toBe('done');
    expect(guarded.spies.calls).toEqual(ROUND);
    await expect(lastValueFrom(client.send('request', { fail: true }))).rejects.toEqual({
      status: 'error',
      message: 'filtered: wrong',
    });
    guarded.spies.allows = false;
    await expect(lastValueFrom(client.send('request', {}))).rejects.toMatchObject({
      message: expect.stringMatching(/^filtered: Forbidden/) as string,
    });
    expect(handled).toBe(2);
  });
});
