import 'reflect-metadata';
import { Controller, Inject, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BatchEventPattern } from '@app/zmq-transport';
import { EventPattern, MessagePattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import { type BenchEvent, TRADE } from '../trade-event.js';
import type { Sink } from '../workers/sink-interface.js';

/** Injection token of the sink that the handlers feed. */
export const SINK = Symbol('sink');

/** The handlers that every Nest transport is measured with. */
@Controller()
export class TradeController {
  constructor(@Inject(SINK) private readonly sink: Sink) {}

  @EventPattern(TRADE)
  trade(@Payload() event: BenchEvent): void {
    this.sink.take(event);
  }

  @MessagePattern('quote')
  quote(@Payload() event: BenchEvent): { side: string; qty: number } {
    return { side: event.side, qty: event.qty };
  }
}

/** The handler of whole batches. */
@Controller()
export class BatchController {
  constructor(@Inject(SINK) private readonly sink: Sink) {}

  @BatchEventPattern(TRADE)
  trades(@Payload() events: BenchEvent[]): void {
    this.sink.takeMany(events);
  }
}

class ConsumerModule {}

/**
 * Starts a Nest microservice with one controller, without a log; resolves when it listens.
 * @param prepare what its transport asks its user to do before `listen`
 */
export async function openNestConsumer(
  options: MicroserviceOptions,
  controller: Type,
  sink: Sink,
  prepare?: (app: INestMicroservice) => void,
) {
  const module = {
    module: ConsumerModule,
    controllers: [controller],
    providers: [{ provide: SINK, useValue: sink }],
  };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    ...options,
    logger: false,
  });
  prepare?.(app);
  await app.listen();
  return app;
}
