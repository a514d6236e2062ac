import { Controller, Logger } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { zmqHandlers } from 'nestjs-jetstream-transport';
import type { Order, OrdersContract } from './orders-contract.js';

const { OnBatch } = zmqHandlers<OrdersContract>();

@Controller()
export class OrdersController {
  private readonly log = new Logger(OrdersController.name);

  /** Orders that arrive together come together. */
  @OnBatch('order')
  onOrders(@Payload() orders: Order[]): void {
    this.log.log(`orders: ${orders.map(({ id }) => id).join(' ')}`);
  }
}
