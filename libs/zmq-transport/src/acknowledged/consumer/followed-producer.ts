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

/** What a server knows of a producer. */
export interface FollowedProducer {
  readonly id: string;
  epoch: string;
  instance: string | undefined;
  peer: string | undefined;
  session: string | undefined;
  /** Of the current epoch: the last number in the queue, or handled. */
  received: number;
  /** Of the current epoch: the last number whose handling is durable. */
  committed: number;
  queue: ReceivedBatch[];
  /** Of the current epoch: received, and their handling is not durable yet. */
  waiting: { batches: number; events: number; bytes: number };
  /** Batches of earlier epochs whose handling is not durable yet. */
  earlierBatches: number;
  failures: DeliveryFailure[];
  /** Failures that were named in this session. Their ACK may be lost: the next session names them again. */
  namedFailures: DeliveryFailure[];
}

/** One that nothing has come of yet, beyond that everything up to `sequence` was handled. */
export function newProducer(id: string, epoch: string, sequence: number): FollowedProducer {
  return {
    id,
    epoch,
    instance: undefined,
    peer: undefined,
    session: undefined,
    received: sequence,
    committed: sequence,
    queue: [],
    waiting: { batches: 0, events: 0, bytes: 0 },
    earlierBatches: 0,
    failures: [],
    namedFailures: [],
  };
}
