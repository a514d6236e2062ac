import type { ZmqBatchContext } from '@app/zmq-transport';

/** What the handler of trades needs of the transport's context. A type, so that no pipe takes it for something to validate. */
export type ReceivedBatch = Pick<ZmqBatchContext, 'fail' | 'receivedAtSeconds' | 'reject'>;
