import { Inject, Injectable, Module } from '@nestjs/common';
import {
  JetStreamClient,
  JetStreamModule,
  typedClient,
  type TypedJetStreamClient,
} from 'nestjs-jetstream-transport';
import { lastValueFrom } from 'rxjs';
import { NATS_URL, type Order, type OrdersContract } from './orders-contract.js';

/** The client's name, here and at the broker. */
const ORDERS = 'ORDERS';

/** What other code asks for: it never sees the broker. */
@Injectable()
export class OrdersSender {
  private readonly client: TypedJetStreamClient<OrdersContract>;

  constructor(@Inject(ORDERS) client: JetStreamClient) {
    this.client = typedClient<OrdersContract>(client);
  }

  /** Resolves when the broker has stored the order. */
  async place(order: Order): Promise<void> {
    await lastValueFrom(this.client.emit('order', order), { defaultValue: undefined });
  }
}

@Module({
  imports: [
    JetStreamModule.forRoot({ clients: [{ name: ORDERS, servers: NATS_URL, emitResolves: 'stored' }] }),
  ],
  providers: [OrdersSender],
  exports: [OrdersSender],
})
export class OrdersSenderModule {}
