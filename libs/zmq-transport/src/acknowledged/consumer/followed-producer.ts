import type { DeliveryFailure } from '@app/transport-core';

/** A batch that waits for its turn, or has it. */
export interface ReceivedBatch {
  readonly producer: string;
  readonly epoch: string;
  readonly first: number;
  readonly count: number;
  /** Events at its beginning that were received before. */
  readonly skip: number;
  readonly payload: Buffer;
  readonly receivedAtSeconds: number;
}

/** What a connection has said of itself by HELLO. It changes nothing that is kept of a producer before a DELIVER comes. */
export interface ProducerConnection {
  readonly peer: string;
  readonly id: string;
  readonly epoch: string;
  readonly instance: string;
  /** The highest number for which the producer has an acknowledgement, as it says. */
  readonly acked: number;
  /** The token of its session; undefined once that cannot go on. */
  session: string | undefined;
}

/** What a server keeps of a producer: made, replaced and given up by a DELIVER only. */
export interface FollowedProducer {
  readonly id: string;
  epoch: string;
  /** The connection that speaks for this epoch; undefined while there is none. */
  peer: string | undefined;
  /** Of the current epoch: the last number in the queue, or handled. */
  received: number;
  /** Of the current epoch: the last number whose handling is durable. */
  committed: number;
  queue: ReceivedBatch[];
  /** Of the current epoch: received, and their handling is not durable yet. */
  waiting: { batches: number; events: number; bytes: number };
  /** Batches of earlier epochs whose handling is not durable yet. */
  earlierBatches: number;
  /** By their numbers, ascending. */
  failures: DeliveryFailure[];
  /** Failures that were named in this session. Their ACK may be lost: the next session names them again. */
  namedFailures: DeliveryFailure[];
}

/** One that nothing has come of yet, beyond that everything up to `sequence` was handled. */
export function newProducer(id: string, epoch: string, sequence: number): FollowedProducer {
  return {
    id,
    epoch,
    peer: undefined,
    received: sequence,
    committed: sequence,
    queue: [],
    waiting: { batches: 0, events: 0, bytes: 0 },
    earlierBatches: 0,
    failures: [],
    namedFailures: [],
  };
}
