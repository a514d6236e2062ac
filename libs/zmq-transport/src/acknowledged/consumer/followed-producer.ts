import type { DeliveryFailure } from '@app/transport-core';

/** A batch that waits for its turn, or is being handled. */
export interface ReceivedBatch {
  readonly producer: string;
  readonly epoch: string;
  readonly first: number;
  readonly count: number;
  /** Events at its beginning that were received before. */
  readonly skip: number;
  /** How many numbers before it were acknowledged to its producer, as it says, and are unknown here. */
  readonly forgotten: number;
  readonly payload: Buffer;
  readonly receivedAtSeconds: number;
}

/** What a connection said of itself in its HELLO. It changes nothing about the producer until a DELIVER comes. */
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

/** What a server keeps of a producer. Only a DELIVER adds, replaces or forgets it. */
export interface FollowedProducer {
  readonly id: string;
  epoch: string;
  /** The connection that speaks for this epoch; undefined while there is none. */
  peer: string | undefined;
  /** Of the current epoch: the last number in the queue, or handled. */
  received: number;
  /** Of the current epoch: the last number that is handled, and that the ledger, where there is one, kept. */
  committed: number;
  queue: ReceivedBatch[];
  /** Of the current epoch: received, and not committed yet. */
  waiting: { batches: number; events: number; bytes: number };
  /** Batches of earlier epochs that are not committed yet. */
  earlierBatches: number;
  /** In ascending order of their numbers. */
  failures: DeliveryFailure[];
  /** Failures that were named in this session. Their ACK may be lost: the next session names them again. */
  namedFailures: DeliveryFailure[];
}

/** A producer of which this server knows only that everything up to `sequence` was handled. */
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

/** How many of the claimed events the payload can hold: each takes at least one byte. */
export function possible(claimed: number, payload: Buffer): number {
  return Math.min(claimed, payload.length);
}

export function keptOf({ failures, namedFailures }: FollowedProducer): number {
  return failures.length + namedFailures.length;
}

export function isDue(failure: DeliveryFailure | undefined, committed: number): boolean {
  return failure !== undefined && failure.sequence <= committed;
}

/**
 * Keeps one failure for each event, which can fail in two handlers: an ACK that ended between two of one number would never get
 * past it.
 */
export function oneForEach(failures: readonly DeliveryFailure[]): DeliveryFailure[] {
  const bySequence = new Map(failures.map((failure) => [failure.sequence, failure]));
  return [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
}

export function heardThrough({ namedFailures }: FollowedProducer, sequence: number): void {
  if (isDue(namedFailures[0], sequence)) {
    const beyond = namedFailures.findIndex((failure) => failure.sequence > sequence);
    namedFailures.splice(0, beyond === -1 ? namedFailures.length : beyond);
  }
}

/** The ACKs of an earlier session may be lost. */
export function nameAgain(producer: FollowedProducer, acked: number): void {
  producer.failures = [...producer.namedFailures, ...producer.failures].filter(
    ({ sequence }) => sequence > acked,
  );
  producer.namedFailures = [];
}

export function beginEpoch(producer: FollowedProducer, { epoch, acked }: ProducerConnection): void {
  producer.epoch = epoch;
  producer.received = acked;
  producer.committed = acked;
  producer.failures = [];
  producer.namedFailures = [];
  producer.earlierBatches += producer.waiting.batches;
  producer.waiting = { batches: 0, events: 0, bytes: 0 };
}
