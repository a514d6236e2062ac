import { type Readable, Router, type Socket } from 'zeromq';
import { BindFailedError } from '../errors/bind-failed.error.js';
import type { ResolvedEndpoints } from '../socket/endpoints.js';
import { PeerMonitor } from '../socket/peer-monitor.js';
import { type OnMessage, ReceiveLoop } from './receive-loop.js';

export interface InboundLinkOptions {
  readonly socket: Socket & Readable;
  readonly endpoints: ResolvedEndpoints;
  readonly onMessage: OnMessage;
  readonly onFailed: (error: unknown) => void;
}

/** One receiving socket with its loop: opened once, drained once. */
export class InboundLink {
  private readonly monitor: PeerMonitor;
  private readonly loop: ReceiveLoop;
  private bound: string[] = [];

  constructor(private readonly options: InboundLinkOptions) {
    const { socket, endpoints, onMessage, onFailed } = options;
    const inprocOnly = endpoints.addresses.every((address) => address.startsWith('inproc://'));
    this.monitor = new PeerMonitor(socket, inprocOnly);
    this.loop = new ReceiveLoop({
      socket,
      onMessage,
      answers: socket instanceof Router,
      giveUpAddresses: () => this.giveUpAddresses(),
      onFailed,
    });
  }

  get socket(): Socket & Readable {
    return this.options.socket;
  }

  get isReceiving(): boolean {
    return this.loop.isRunning;
  }

  /** The addresses as they were bound: a `*` port is the port that was found. */
  get boundAddresses(): readonly string[] {
    return this.bound;
  }

  get peers(): number {
    return this.monitor.peers;
  }

  get disconnects(): number {
    return this.monitor.losses;
  }

  get messages(): number {
    return this.loop.messages;
  }

  get bytes(): number {
    return this.loop.bytes;
  }

  /** @throws BindFailedError; the socket is closed then. */
  async open(): Promise<void> {
    const { role, addresses } = this.options.endpoints;
    for (const address of addresses) {
      if (role === 'connect') {
        this.socket.connect(address);
      } else {
        await this.bind(address);
      }
    }
    this.loop.start();
  }

  /** See {@link ReceiveLoop.drain}. */
  drain(timeoutMs: number, beforeClose: () => Promise<void>): Promise<boolean> {
    return this.loop.drain(timeoutMs, beforeClose);
  }

  private async giveUpAddresses(): Promise<void> {
    for (const address of this.bound) {
      // libzmq 4.3.5 aborts the process (an assertion in pipe.cpp) when both ends close soon after an inproc unbind.
      if (!address.startsWith('inproc://')) {
        await this.socket.unbind(address);
      }
    }
  }

  private async bind(address: string): Promise<void> {
    try {
      await this.socket.bind(address);
    } catch (error) {
      this.socket.close();
      throw new BindFailedError(address, error);
    }
    this.bound.push(this.socket.lastEndpoint ?? address);
  }
}
