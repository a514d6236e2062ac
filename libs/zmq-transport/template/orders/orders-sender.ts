import { Inject, Injectable, Module } from '@nestjs/common';
import { typedClient, type TypedZmqClient, ZmqClient, ZmqModule } from 'nestjs-zmq-transport';
import { lastValueFrom } from 'rxjs';
import { type Order, ORDERS_ADDRESS, type OrdersContract } from './orders-contract.js';

const ORDERS = Symbol('ORDERS');

/** What other code asks for: it never sees a socket. */
@Injectable()
export class OrdersSender {
  private readonly client: TypedZmqClient<OrdersContract>;

  constructor(@Inject(ORDERS) client: ZmqClient) {
    this.client = typedClient<OrdersContract>(client);
  }

  /** Resolves when the order waits to be sent; rejects when there is no room. */
  async place(order: Order): Promise<void> {
    await lastValueFrom(this.client.emit('order', order), { defaultValue: undefined });
  }

  /** Rejects without an answer in 30 seconds. */
  total(): Promise<number> {
    return lastValueFrom(this.client.send('total', {}));
  }
}

@Module({
  imports: [
    ZmqModule.forRoot({ clients: [{ name: ORDERS, pair: 'dealer-router', connect: ORDERS_ADDRESS }] }),
  ],
  providers: [OrdersSender],
  exports: [OrdersSender],
})
export class OrdersSenderModule {}
