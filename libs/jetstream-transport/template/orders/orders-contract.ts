export interface Order {
  readonly id: number;
  readonly qty: number;
}

/** What travels: the compiler holds the handlers and the sender to it. */
export interface OrdersContract {
  events: { order: Order };
}

/** Where the broker is: `nats-server -js`. */
export const NATS_URL = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';
