import { connect, createServer, type Server, type Socket } from 'node:net';
import { portOf } from '../processes/free.ports.js';

/** Both ends of one connection through the proxy. */
interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** - `open`: forwards both ways
 *  - `swallowing`: takes what is sent, and forwards nothing: neither side is told
 *  - `cut`: connections are reset, new ones too */
type LinkMode = 'open' | 'swallowing' | 'cut';

/** The wire between the apps, as a TCP proxy on the loopback that can be cut. */
export class LinkProxy {
  private mode: LinkMode = 'open';
  private readonly pairs = new Set<Pair>();
  private readonly server: Server;

  private constructor(private readonly farPort: number) {
    this.server = createServer((near) => this.onConnection(near));
  }

  /** @param farPort where the sidecar's ZeroMQ socket listens */
  static async open(farPort: number): Promise<LinkProxy> {
    const proxy = new LinkProxy(farPort);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject);
      proxy.server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** What the publisher is to connect to. */
  get address(): string {
    return `tcp://127.0.0.1:${portOf(this.server)}`;
  }

  /** Resets every connection, in both directions, and each new one, until `restore`. */
  cut(): void {
    this.mode = 'cut';
    this.resetAll();
  }

  /** Swallows all bytes without a sign to either side, as a firewall does that has forgotten its connections. */
  swallow(): void {
    this.mode = 'swallowing';
  }

  /** Forwards again. Connections with a hole in them cannot go on: they are reset. */
  restore(): void {
    if (this.mode === 'swallowing') this.resetAll();
    this.mode = 'open';
  }

  async close(): Promise<void> {
    this.resetAll();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private onConnection(near: Socket): void {
    if (this.mode === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.farPort });
    const pair = { near, far };
    this.pairs.add(pair);
    this.forward(near, far, pair);
    this.forward(far, near, pair);
  }

  private forward(from: Socket, to: Socket, pair: Pair): void {
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      if (this.mode !== 'open') return;
      if (to.write(chunk)) return;
      // The other end takes no more: neither do we, as a wire would not.
      from.pause();
      to.once('drain', () => from.resume());
    });
    // The end of one side is the end of the other, whatever ended it: an error has its `close` behind it.
    from.on('error', () => from.destroy());
    from.on('close', () => {
      to.destroy();
      this.pairs.delete(pair);
    });
  }

  private resetAll(): void {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.pairs.clear();
  }
}
