import { ZmqTransportError } from '@app/transport-core';

/** No NATS server answered in time. */
export class BrokerUnreachableError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_UNREACHABLE';
}

/** Which option to look at: the credentials, the servers (they have no JetStream), the stream, its replicas or its partitions. */
export type UnfitOption = 'credentials' | 'servers' | 'stream' | 'replicas' | 'partitions';

/**
 * The broker is there and cannot serve these options: it has no JetStream, it denies these credentials, or the stream
 * exists with other settings. Waiting does not help; `cause` is what the broker said.
 */
export class BrokerUnfitError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_UNFIT';

  constructor(
    message: string,
    readonly option: UnfitOption,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Another process took the partition over: this process counts no more of its events. */
export class PartitionLostError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_PARTITION_LOST';

  constructor(
    readonly partition: number,
    readonly owner: string,
  ) {
    super(`partition ${partition} has another owner: ${owner}`);
  }
}

/** The record of a partition, or the bucket with all of them, was deleted while this process owned the partition. */
export class RecordGoneError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_RECORD_GONE';
}
