import type { LoggerService } from '@nestjs/common';
import type { Deserializer } from '@nestjs/microservices';
import { type Codec, ThrottledLog } from '@app/transport-core';
import { PeerUnreachableError, ProtocolRefusedError } from '../errors.js';
import type { DealerLane, ReplyListener } from './lanes/dealer.lane.js';
import type { Pings } from './pings.js';
import type { Reply, Requests } from './requests.js';

/** Brings what comes back over a DEALER to the requests that wait for it. */
export class ReplyReader implements ReplyListener {
  /** The tail of the replies whose deserializer answers with a promise: the values of a stream keep their order. */
  private deferred: Promise<void> | undefined;
  private toldRefusal: string | undefined;
  private readonly log: ThrottledLog;
  /** Replies that cannot be read must not hide why nothing is answered. */
  private readonly refusalLog: ThrottledLog;

  constructor(
    private readonly codec: Codec,
    private readonly deserializer: Deserializer | undefined,
    private readonly requests: Requests,
    private readonly pings: Pings,
    logger: LoggerService,
  ) {
    this.log = new ThrottledLog(logger);
    this.refusalLog = new ThrottledLog(logger);
  }

  onReplies(frame: Buffer, lane: DealerLane): void {
    let value: unknown;
    try {
      value = this.codec.decode(frame);
    } catch (error) {
      this.log.error('a reply could not be read', error);
      return;
    }
    for (const reply of Array.isArray(value) ? (value as unknown[]) : [value]) {
      this.onReply(reply, lane);
    }
  }

  isPending(id: string): boolean {
    return this.requests.isPending(id);
  }

  onPong(token: string): void {
    this.pings.settle(token);
  }

  onRefused(reason: string): void {
    const error = new ProtocolRefusedError(`the server refused this client: ${reason}`);
    if (reason !== this.toldRefusal) {
      // A client that waits for its turn asks every second.
      this.toldRefusal = reason;
      this.refusalLog.error(error.message);
    }
    this.requests.failAll(() => error);
  }

  onRequestsLost(ids: readonly string[]): void {
    for (const id of ids) {
      this.requests.fail(id, new PeerUnreachableError('the server went away before it answered'));
    }
  }

  /** A deserializer is a user's: what it throws must not end the reading of the socket. */
  private onReply(value: unknown, lane: DealerLane): void {
    let deserialized: unknown;
    try {
      deserialized = (this.deserializer?.deserialize(value) as unknown) ?? value;
    } catch (error) {
      this.log.error('a reply could not be deserialized', error);
      return;
    }
    if (this.deferred !== undefined || deserialized instanceof Promise) {
      this.settleLater(deserialized, lane);
    } else {
      this.settle(deserialized, lane);
    }
  }

  private settleLater(deserialized: unknown, lane: DealerLane): void {
    const previous = this.deferred;
    const mine = Promise.resolve(deserialized)
      .then(async (reply) => {
        await previous;
        this.settle(reply, lane);
      })
      .catch(async (error: unknown) => {
        this.log.error('a reply could not be deserialized', error);
        await previous;
      })
      .finally(() => {
        if (this.deferred === mine) {
          this.deferred = undefined;
        }
      });
    this.deferred = mine;
  }

  private settle(value: unknown, lane: DealerLane): void {
    if (typeof value !== 'object' || value === null) {
      this.log.error('a reply is no object');
      return;
    }
    const reply = value as Reply;
    if (this.requests.settle(reply)) {
      lane.settle(String(reply.id));
    }
  }
}
