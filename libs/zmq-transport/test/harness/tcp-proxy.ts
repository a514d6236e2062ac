import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A link that can be cut: it passes on what comes over TCP, until it is told not to. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isSilent = false;
  private isCut = false;
  private delayMs = 0;
  /** Connections that were let through. */
  passed = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {
    server.on('connection', (socket) => this.pass(socket));
  }

  /** @param target a `tcp://127.0.0.1:port` address */
  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, Number(new URL(target.replace('tcp:', 'http:')).port));
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends all connections, and lets none through until {@link mend}. */
  cut(): void {
    this.isCut = true;
    this.endAll();
  }

  /** Keeps the connections and passes nothing on: neither end is told. */
  silence(): void {
    this.isSilent = true;
    for (const pair of this.pairs) {
      pair.forEach((socket) => socket.pause());
    }
  }

  /** What comes from now on is passed on after so long. */
  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  mend(): void {
    this.isCut = false;
    this.isSilent = false;
    for (const pair of this.pairs) {
      pair.forEach((socket) => socket.resume());
    }
  }

  async close(): Promise<void> {
    this.endAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private endAll(): void {
    for (const pair of this.pairs) {
      pair.forEach((socket) => socket.destroy());
    }
  }

  private pass(near: Socket): void {
    if (this.isCut) {
      near.destroy();
      return;
    }
    this.passed += 1;
    const far = connect(this.port, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    this.link(near, far);
    this.link(far, near);
    for (const socket of pair) {
      // A reset is what a cut looks like.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.pairs.delete(pair);
        pair.forEach((one) => one.destroy());
      });
      if (this.isSilent) socket.pause();
    }
  }

  private link(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (this.delayMs > 0) {
        setTimeout(() => to.write(bytes), this.delayMs);
      } else {
        to.write(bytes);
      }
    });
  }
}
