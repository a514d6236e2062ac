import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Push } from 'zeromq';
import { type RejectedMessage, ZmqClient, ZmqContext, ZmqServer } from '../src/index.js';
import { until } from './until.js';

const seen: { data: unknown; context: ZmqContext }[] = [];

@Controller()
class TickController {
  @EventPattern<string>('tick')
  onTick(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    seen.push({ data, context });
    if ((data as { fail?: boolean }).fail === true) {
      throw new Error('cannot handle this one');
    }
  }
}

describe('PUSH/PULL', () => {
  let app: INestMicroservice;
  let server: ZmqServer;
  let client: ZmqClient;
  let rejected: RejectedMessage[];

  beforeEach(async () => {
    seen.length = 0;
    rejected = [];
    server = new ZmqServer({
      bind: 'tcp://127.0.0.1:*',
      onRejected: (r) => rejected.push(r),
      maxFrameBytes: 10_000,
    });
    const module = await Test.createTestingModule({ controllers: [TickController] }).compile();
    app = module.createNestMicroservice({ strategy: server, logger: false });
    await app.listen();
    client = new ZmqClient({ connect: [...server.boundAddresses] });
  });

  afterEach(async () => {
    await client.close();
    await app.close();
  });

  it('brings an event to the handler of its pattern, with pattern and receive time in the context', async () => {
    client.emit('tick', { n: 1 });
    await until(() => seen.length === 1);
    expect(seen[0]?.data).toEqual({ n: 1 });
    expect(seen[0]?.context.getPattern()).toBe('tick');
    expect(Math.abs((seen[0]?.context.receivedAtSeconds ?? 0) - Date.now() / 1000)).toBeLessThan(5);
  });

  it('keeps order and loses nothing over 20,000 events, in fewer messages than events', async () => {
    await client.connect();
    for (let n = 0; n < 20_000; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => seen.length === 20_000);
    expect(seen.every(({ data }, n) => (data as { n: number }).n === n)).toBe(true);
    expect(server.stats().received).toBe(20_000);
    expect(server.stats().batches).toBeLessThan(1000);
    expect(client.stats()).toMatchObject({ accepted: 20_000, sent: 20_000, queuedEvents: 0, queuedBytes: 0 });
  });

  it('counts a failing handler and goes on', async () => {
    client.emit('tick', { fail: true });
    client.emit('tick', { n: 2 });
    await until(() => seen.length === 2 && rejected.length === 1);
    expect(rejected[0]).toMatchObject({
      reason: 'handler_failed',
      content: { pattern: 'tick', data: { fail: true } },
    });
    expect(server.isReceiving).toBe(true);
  });

  it('rejects what it cannot read, each with its reason, and counts the next good event', async () => {
    const raw = new Push({ linger: 0 });
    const [address = ''] = server.boundAddresses;
    raw.connect(address);
    await raw.send('not json');
    await raw.send('{"pattern":"tick"');
    await raw.send('');
    await raw.send(Buffer.from([0xff, 0xfe, 0x00]));
    await raw.send(Array.from({ length: 100 }, () => 'x'));
    await raw.send('x'.repeat(10_001));
    await raw.send('{"pattern":"nobody","data":1}');
    await raw.send('{"data":1}');
    await raw.send('null');
    await raw.send('[1,{"pattern":"tick","data":{"n":1}},{}]');
    await until(() => seen.length === 1);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'malformed',
      'malformed',
      'malformed',
      'malformed',
      'frame_count',
      'oversize',
      'no_handler',
      'no_pattern',
      'no_pattern',
      'no_pattern',
      'no_pattern',
    ]);
    raw.close();
  });
});
