/** Handlers that never end: they are seen, named and counted, and the events of other patterns go on. */
import { Controller, Logger, type LoggerService } from '@nestjs/common';
import { EventPattern, type MessageHandler, Payload } from '@nestjs/microservices';
import { finalize, NEVER, type Observable } from 'rxjs';
import { BatchEventPattern } from '@app/transport-core';
import { type Service, ServiceScope, TCP_DEALER_ROUTER, type ServiceOptions } from '../harness/service.js';
import { until } from '../harness/until.js';

let quick = 0;
let hanging = 0;
let wakes: (() => void)[] = [];

const hang = (): Promise<void> => {
  hanging += 1;
  return new Promise<void>((resolve) => wakes.push(resolve)).then(() => {
    hanging -= 1;
  });
};

@Controller()
class HungController {
  @EventPattern<string>('hang')
  hang(): Promise<void> {
    return hang();
  }

  @BatchEventPattern('hang together')
  hangTogether(): Promise<void> {
    return hang();
  }

  @EventPattern<string>('never')
  never(): Observable<never> {
    hanging += 1;
    return NEVER.pipe(finalize(() => (hanging -= 1)));
  }

  @EventPattern<string>('quick')
  quick(@Payload() _n: number): void {
    quick += 1;
  }
}

const errors: string[] = [];
const logger: LoggerService = {
  log: () => undefined,
  warn: () => undefined,
  error: (message: unknown) => errors.push(String(message)),
};

const scope = new ServiceScope();
beforeEach(() => {
  [quick, hanging, wakes] = [0, 0, []];
  errors.length = 0;
});
afterEach(async () => {
  wakes.forEach((wake) => wake());
  await scope.dispose();
  Logger.overrideLogger(false);
});

async function start(options: Partial<ServiceOptions> = {}): Promise<Service> {
  const service = await scope.start({
    controllers: [HungController],
    server: { handlerTimeoutMs: 200, drainTimeoutMs: 200 },
    ...options,
  });
  Logger.overrideLogger(logger);
  return service;
}

describe.each(['hang', 'never', 'hang together'])('events whose handlers never end (%s)', (pattern) => {
  it('fail after the time limit, and leave the others their place', async () => {
    const service = await start();
    const client = await service.connect();
    for (let n = 0; n < 1200; n += 1) {
      client.emit(pattern, n);
    }
    for (let n = 0; n < 50; n += 1) {
      client.emit('quick', n);
    }
    await until(() => quick === 50);
    await until(() => service.rejected.length === 1200);
    expect(new Set(service.rejected.map(({ reason, detail }) => `${reason}: ${detail}`))).toEqual(
      new Set(['handler_failed: the handler did not end within 200 ms']),
    );
    expect(errors.some((line) => line.includes(`"${pattern}"`))).toBe(true);
    const { inFlight, lateHandlers, hungHandlers, rejected } = service.server.stats();
    expect({ inFlight, failed: rejected.handler_failed }).toEqual({ inFlight: 0, failed: 1200 });
    expect(lateHandlers).toBeGreaterThan(0);
    expect(hungHandlers).toBe(pattern === 'never' ? 0 : lateHandlers);
    wakes.splice(0).forEach((wake) => wake());
    await until(() => service.server.stats().hungHandlers === 0);
    expect(hanging).toBe(0);
    expect(service.rejected).toHaveLength(1200);
  });
});

describe('an acknowledged event whose handler never ends', () => {
  it('is told as failed, and the handler is not called beside itself', async () => {
    const service = await start({ wiring: TCP_DEALER_ROUTER });
    const client = await service.connect({ delivery: { mode: 'acknowledged' } });
    const { applied } = await client.deliver('hang', 1);
    await expect(applied).rejects.toMatchObject({ reason: 'handler_failed' });
    expect(hanging).toBe(1);
    await (
      await client.deliver('quick', 1)
    ).applied;
    expect(service.server.stats().delivery.retries).toBe(0);
  });
});

describe('a time limit of 0', () => {
  it('is none', async () => {
    const service = await start({ server: { handlerTimeoutMs: 0, drainTimeoutMs: 50 } });
    const handler = service.server.getHandlers().get('hang') as MessageHandler;
    expect(handler.isEventHandler).toBe(true);
    const client = await service.connect();
    client.emit('hang', 1);
    await until(() => hanging === 1);
    wakes.forEach((wake) => wake());
    await until(() => service.server.stats().inFlight === 0);
    expect(service.server.stats()).toMatchObject({ lateHandlers: 0, hungHandlers: 0 });
  });
});
