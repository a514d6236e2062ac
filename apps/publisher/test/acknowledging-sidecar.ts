import { RefusedEventException, ZmqServer, type ZmqServerOptions } from '@app/zmq-transport';

/** What a test has the sidecar do with an event. */
export type TradeHandler = (trade: { readonly qty: number }) => unknown;

/** The intake of a sidecar that acknowledges: the transport's own server, with a handler of the test's. */
export class AcknowledgingSidecar {
  readonly quantities: number[] = [];
  private readonly server: ZmqServer;

  constructor(options: Pick<ZmqServerOptions, 'bind' | 'delivery'>, handle: TradeHandler = () => undefined) {
    this.server = new ZmqServer({
      pair: 'dealer-router',
      onRejected: () => undefined,
      deserializer: { deserialize: (value: { type: string }) => ({ pattern: value.type, data: value }) },
      ...options,
    });
    this.server.addHandler(
      'trade',
      async (trade: { qty: number }) => {
        await handle(trade);
        this.quantities.push(trade.qty);
      },
      true,
    );
  }

  get address(): string {
    return String(this.server.boundAddresses[0]);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.listen((error) => (error === undefined ? resolve() : reject(error as Error)));
    });
    return this;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** Refuses every event, as the contract's check would. */
export function refuse(): never {
  throw new RefusedEventException('qty would take volume_total beyond the largest number');
}
