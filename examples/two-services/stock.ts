/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { zmqHandlers, ZmqServer } from 'nestjs-zmq-transport';
import type { Sale, StockContract } from './stock-contract.js';

const { OnBatch, OnRequest } = zmqHandlers<StockContract>();

@Controller()
class StockController {
  private readonly pieces = new Map([['apple', 1000]]);

  /** One call for all sales that arrived together. */
  @OnBatch('sold')
  onSold(@Payload() sales: Sale[]): void {
    for (const { article, pieces } of sales) {
      const before = this.pieces.get(article);
      if (before !== undefined) this.pieces.set(article, before - pieces);
    }
  }

  @OnRequest('left')
  left(@Payload() { article }: { article: string }): number {
    return this.pieces.get(article) ?? 0;
  }
}

@Module({ controllers: [StockController] })
class StockModule {}

const strategy = new ZmqServer({ pair: 'dealer-router', bind: process.argv[2] ?? '' });
const service = await NestFactory.createMicroservice(StockModule, { strategy, logger: ['error', 'warn'] });
service.enableShutdownHooks([], { useProcessExit: true });
await service.listen();
console.log('stock: open');
