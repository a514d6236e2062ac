import { Controller, Logger } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { zmqHandlers } from 'nestjs-zmq-transport';
import type { Order, OrdersContract } from './orders-contract.js';

const { OnBatch, OnRequest } = zmqHandlers<OrdersContract>();

@Controller()
export class OrdersController {
  private readonly log = new Logger(OrdersController.name);
  private total = 0;

  /** Orders that arrive together come together. */
  @OnBatch('order')
  onOrders(@Payload() orders: Order[]): void {
    for (const { qty } of orders) this.total += qty;
    this.log.log(`orders: ${orders.map(({ id }) => id).join(' ')}`);
  }

  @OnRequest('total')
  answerTotal(): number {
    return this.total;
  }
}
