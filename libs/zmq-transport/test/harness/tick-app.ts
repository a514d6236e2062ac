import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { type RejectedMessage, ZmqContext, ZmqServer, type ZmqServerOptions } from '../../src/index.js';

export interface Tick {
  n: number;
  fail?: boolean;
}

/** A Nest microservice on a real socket that keeps what its `tick` handler was given. */
export interface TickApp {
  readonly app: INestMicroservice;
  readonly server: ZmqServer;
  readonly seen: { data: Tick; context: ZmqContext }[];
  readonly rejected: RejectedMessage[];
  /** Where clients connect to. */
  readonly address: string;
  numbers(): number[];
}

/** `handle` runs for each tick after it was noted; it may throw or wait. */
export async function startTickApp(
  options: Partial<ZmqServerOptions> = {},
  handle: (tick: Tick) => void | Promise<void> = () => undefined,
): Promise<TickApp> {
  const seen: TickApp['seen'] = [];
  const rejected: RejectedMessage[] = [];

  @Controller()
  class TickController {
    @EventPattern<string>('tick')
    onTick(@Payload() data: Tick, @Ctx() context: ZmqContext): void | Promise<void> {
      seen.push({ data, context });
      return handle(data);
    }
  }

  const where =
    options.bind === undefined && options.connect === undefined ? { bind: 'tcp://127.0.0.1:*' } : {};
  const server = new ZmqServer({ ...where, onRejected: (r) => rejected.push(r), ...options });
  const module = await Test.createTestingModule({ controllers: [TickController] }).compile();
  const app = module.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
  const [address = ''] = server.boundAddresses;
  return { app, server, seen, rejected, address, numbers: () => seen.map(({ data }) => data.n) };
}
