export interface Order {
  readonly id: number;
  readonly qty: number;
}

/** What travels: the compiler holds the handlers and the sender to it. */
export interface OrdersContract {
  /** Nobody answers an event. */
  events: { order: Order };
  /** A request is answered, or fails. */
  requests: { total: { request: object; response: number } };
}

/** Where the service listens, and the sender connects. */
export const ORDERS_ADDRESS = process.env['ORDERS_ADDRESS'] ?? 'tcp://127.0.0.1:5555';
