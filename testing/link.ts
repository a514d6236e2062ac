import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen, portOf } from './ports.js';

/** Both ends of one connection through the link. */
interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** - `open`: forwards both ways
 *  - `swallowing`: takes what is sent and forwards nothing, without a sign to either side
 *  - `cut`: connections are reset, new ones too */
type LinkMode = 'open' | 'swallowing' | 'cut';

/** The wire between two programs, as a TCP proxy on the loopback that can be cut. */
export class Link {
  /** Connections that were let through. */
  passed = 0;
  private mode: LinkMode = 'open';
  private delayMs = 0;
  private isHolding = false;
  private readonly pairs = new Set<Pair>();
  private readonly server: Server;

  private constructor(private readonly farPort: number) {
    this.server = createServer((near) => this.onConnection(near));
  }

  /** @param target a port, or a `tcp://127.0.0.1:port` address */
  static async open(target: number | string): Promise<Link> {
    const port = typeof target === 'number' ? target : Number(new URL(target.replace('tcp:', 'http:')).port);
    const link = new Link(port);
    await listen(link.server);
    return link;
  }

  /** What to connect to instead of the target. */
  get address(): string {
    return `tcp://127.0.0.1:${portOf(this.server)}`;
  }

  /** Resets every connection, in both directions, and each new one, until `restore`. */
  cut(): void {
    this.mode = 'cut';
    this.resetAll();
  }

  /** Swallows all bytes without a sign to either side, like a firewall that has forgotten its connections. */
  swallow(): void {
    this.mode = 'swallowing';
  }

  /** Keeps the connections, reads nothing and passes nothing on: bytes wait in the kernel until `restore`. */
  hold(): void {
    for (const pair of this.pairs) eachOf(pair, (socket) => socket.pause());
    this.isHolding = true;
  }

  /** Delays everything that comes from now on by this long. */
  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** Forwards again. Resets connections with a hole in them, which cannot go on. */
  restore(): void {
    if (this.mode === 'swallowing') this.resetAll();
    this.mode = 'open';
    this.isHolding = false;
    for (const pair of this.pairs) eachOf(pair, (socket) => socket.resume());
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
    this.passed += 1;
    const far = connect({ host: '127.0.0.1', port: this.farPort });
    const pair = { near, far };
    this.pairs.add(pair);
    this.forward(near, far, pair);
    this.forward(far, near, pair);
    if (this.isHolding) eachOf(pair, (socket) => socket.pause());
  }

  private forward(from: Socket, to: Socket, pair: Pair): void {
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      if (this.mode !== 'open') return;
      if (this.delayMs > 0) setTimeout(() => to.write(chunk), this.delayMs);
      else if (!to.write(chunk)) {
        // The other end takes no more, so neither do we, as a real wire.
        from.pause();
        to.once('drain', () => {
          if (!this.isHolding) from.resume();
        });
      }
    });
    // When one side ends, so does the other, whatever the cause: `close` follows an error.
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

function eachOf({ near, far }: Pair, act: (socket: Socket) => void): void {
  act(near);
  act(far);
}
