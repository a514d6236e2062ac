import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { ZmqClient, ZmqServer } from '../../src/index.js';
import { ZmqHealthIndicator } from '../../src/terminus.js';
import { startTickApp, type TickApp } from '../harness/tick-app.js';
import { until } from '../harness/until.js';

describe('ZmqHealthIndicator', () => {
  let health: ZmqHealthIndicator;
  let service: TickApp;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [TerminusModule.forRoot({ logger: false })],
      providers: [ZmqHealthIndicator],
    }).compile();
    health = module.get(ZmqHealthIndicator);
  });
  afterEach(() => service.app.close());

  it('measures a round trip over DEALER/ROUTER, and is down once the server is gone', async () => {
    service = await startTickApp({ pair: 'dealer-router' });
    const client = new ZmqClient({ pair: 'dealer-router', connect: service.address });
    await client.connect();

    const { trades } = await health.client('trades', client);
    expect(trades).toMatchObject({ status: 'up', state: 'connected', peers: 1 });
    expect(trades).toHaveProperty('roundTripSeconds', client.stats().roundTripSeconds);
    expect(client.stats().roundTripSeconds).toBeGreaterThan(0);

    await service.app.close();
    await until(() => client.linkState === 'disconnected');
    expect((await health.client('trades', client)).trades).toMatchObject({ status: 'down', peers: 0 });
    await client.close();
  });

  it('goes by the link where the pair has no way back', async () => {
    service = await startTickApp();
    const client = new ZmqClient({ connect: service.address });
    expect((await health.client('trades', client)).trades).toMatchObject({ status: 'down', state: 'idle' });
    await client.connect();
    await until(() => client.linkState === 'connected');
    expect((await health.client('trades', client)).trades).toMatchObject({ status: 'up', peers: 1 });
    await client.close();
  });

  it('says whether a server receives', async () => {
    service = await startTickApp();
    expect(health.server('intake', service.server).intake).toMatchObject({
      status: 'up',
      addresses: [service.address],
    });
    await service.server.drain();
    expect(health.server('intake', service.server).intake).toMatchObject({ status: 'down', state: 'closed' });
    expect(health.server('idle', new ZmqServer({ bind: 'inproc://idle' })).idle.status).toBe('down');
  });
});
