import { Pull } from 'zeromq';
import { BindFailedError } from '../errors/bind-failed.error.js';
import type { ResolvedEndpoints } from '../socket/endpoints.js';
import { PeerMonitor } from '../socket/peer-monitor.js';
import type { SocketSettings } from '../socket/socket-settings.js';
import { type OnMessage, ReceiveLoop } from './receive-loop.js';

export interface InboundLinkOptions {
  readonly endpoints: ResolvedEndpoints;
  readonly settings: SocketSettings;
  /** Messages that libzmq may hold for each sender. */
  readonly receiveHighWaterMark: number;
  /** libzmq's own limit for a message, in bytes; −1 means none. */
  readonly maxMessageBytes: number;
  readonly onMessage: OnMessage;
  readonly onFailed: (error: unknown) => void;
}

/** One receiving socket with its loop: opened once, drained once. */
export class InboundLink {
  readonly socket: Pull;
  private readonly monitor: PeerMonitor;
  private readonly loop: ReceiveLoop;
  private bound: string[] = [];

  constructor(private readonly options: InboundLinkOptions) {
    const { endpoints, settings, receiveHighWaterMark, maxMessageBytes } = options;
    this.socket = new Pull({ ...settings, receiveHighWaterMark, maxMessageSize: maxMessageBytes });
    const inprocOnly = endpoints.addresses.every((address) => address.startsWith('inproc://'));
    this.monitor = new PeerMonitor(this.socket, inprocOnly, () => undefined);
    this.loop = new ReceiveLoop({
      socket: this.socket,
      onMessage: options.onMessage,
      giveUpAddresses: () => this.giveUpAddresses(),
      onFailed: options.onFailed,
    });
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
  drain(timeoutMs: number): Promise<boolean> {
    return this.loop.drain(timeoutMs);
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
