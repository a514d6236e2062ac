import type { Sink } from '../workers/sink.interface.js';

/** The sending end of one peer, in its own process. */
export interface Producer {
  /** Hands one event over, as a user of that transport would. */
  emit(index: number, ts: number): void;
  /**
   * Called after each chunk of events: waits for as long as this transport asks its user to wait, so that its queue
   * stays short and nothing is lost for want of patience.
   */
  settle(): Promise<void>;
  /** One request and its answer; absent where the peer has none. */
  request?(index: number): Promise<unknown>;
  /** Events that wait in this process, and events that were refused; absent where the peer cannot tell. */
  queue?(): Readonly<{ queuedEvents: number; refused: number }>;
  close(): Promise<unknown>;
}

/** The receiving end of one peer, in its own process. */
export interface Consumer {
  close(): Promise<unknown>;
}

/** One thing to compare: how its two ends are opened on one address of the loopback. */
export interface Peer {
  openProducer(port: number): Promise<Producer>;
  openConsumer(port: number, sink: Sink): Promise<Consumer>;
}
