import type { Sink } from '../workers/sink-interface.js';

/** The sending end of one peer, in its own process. */
export interface Producer {
  /** Sends one event, as a user of that transport would. */
  emit(index: number, ts: number): void;
  /**
   * Called after each chunk of events: waits for as long as this transport needs its user to wait, so that its queue stays
   * short and nothing is lost.
   */
  settle(): Promise<void>;
  /** One request and its answer; absent if the peer has no requests. */
  request?(index: number): Promise<unknown>;
  /** Events that wait in this process, and events that were refused; absent if the peer does not know. */
  queue?(): Readonly<{ queuedEvents: number; refused: number }>;
  close(): Promise<unknown>;
}

/** The receiving end of one peer, in its own process. */
export interface Consumer {
  close(): Promise<unknown>;
}

/** One peer to compare: how to open its two ends on one address of the loopback. */
export interface Peer {
  openProducer(port: number): Promise<Producer>;
  openConsumer(port: number, sink: Sink): Promise<Consumer>;
}
