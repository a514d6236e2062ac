import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Router } from 'zeromq';
import { unreadable, wrongFrameCount } from '@app/transport-core';
import type { AcknowledgedConsumer } from '../acknowledged/consumer/consumer.js';
import type { SocketPair } from '../sockets/socket-settings.js';
import { CANCEL, DELIVER, HELLO, kindOf, PACKETS, parseJson, PING, PONG, REFUSED } from '../wire/frames.js';
import { decodeHello, encodeRefused } from '../wire/greeting.js';
import {
  type Intake,
  type PayloadIntake,
  PullIntake,
  type AnsweringIntake,
  SubscribeIntake,
} from './intake.js';
import { ReplyOutbox } from './reply-outbox.js';
import { RequestRunner, type RequestRunnerOptions } from './request-runner.js';

/** Most bytes of a PING, which its PONG carries back; many PONGs may wait for a peer that does not read. */
const MAX_PING_BYTES = 64;
/** Most bytes that are read of a control payload. */
const MAX_CONTROL_BYTES = 65_536;

/** DEALER/ROUTER: the peer's identity, a kind, a payload. See `wire/frames.ts`. */
export class RouterIntake implements AnsweringIntake {
  constructor(
    private readonly payload: PayloadIntake,
    private readonly requests: RequestRunner,
    private readonly replies: ReplyOutbox,
    private readonly consumer: AcknowledgedConsumer,
  ) {}

  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined {
    const [identity, kind, payload] = frames;
    if (identity === undefined || kind === undefined || payload === undefined || frames.length !== 3) {
      return this.payload.refuse(
        wrongFrameCount('2 frames', Math.max(0, frames.length - 1), kind),
        receivedAtSeconds,
      );
    }
    switch (kindOf(kind)) {
      case PACKETS:
        return this.acceptPackets(identity, payload, receivedAtSeconds);
      case DELIVER:
        return this.consumer.receive(identity, kind, payload, receivedAtSeconds)
          ? undefined
          : this.payload.refuse(unreadable('malformed', 'no DELIVER header', kind), receivedAtSeconds);
      case CANCEL:
        return this.cancel(identity, payload, receivedAtSeconds);
      case PING:
        return payload.length > MAX_PING_BYTES
          ? this.payload.refuse(unreadable('oversize', 'a PING is too long', payload), receivedAtSeconds)
          : this.replies.control(identity, PONG, payload);
      case HELLO:
        return this.welcome(identity, payload, receivedAtSeconds);
      default:
        return this.payload.refuse(
          unreadable('malformed', 'unknown kind of message', kind),
          receivedAtSeconds,
        );
    }
  }

  isBeat(frames: readonly Buffer[]): boolean {
    return frames.length === 3 && frames[1] !== undefined && kindOf(frames[1]) === PING;
  }

  async settled(): Promise<void> {
    // A handler ends one turn before its answer is handed over.
    await nextTurn();
    await this.replies.untilEmpty();
  }

  private acceptPackets(
    identity: Buffer,
    payload: Buffer,
    receivedAtSeconds: number,
  ): Promise<void> | undefined {
    const busy = this.payload.accept(payload, receivedAtSeconds, {
      request: (packet, pattern, at) => this.requests.start(identity, packet, pattern, at),
    });
    // Answers leave in later turns, and receive() may resolve many times within one turn: without a turn here, a burst of quick
    // requests would count as too many pending ones.
    const untilAnswersLeave = (): Promise<void> | undefined =>
      this.requests.isCrowdedBy(identity) ? nextTurn() : undefined;
    return busy === undefined ? untilAnswersLeave() : busy.then(untilAnswersLeave);
  }

  private cancel(identity: Buffer, payload: Buffer, receivedAtSeconds: number): undefined {
    const ids = parseJson(payload.subarray(0, MAX_CONTROL_BYTES));
    if (!Array.isArray(ids)) {
      return this.payload.refuse(unreadable('malformed', 'CANCEL names no ids', payload), receivedAtSeconds);
    }
    for (const id of ids as unknown[]) {
      // An id may be any JSON value, even an object that throws when it is converted to text.
      if (typeof id === 'string' || typeof id === 'number') {
        this.requests.cancel(identity, String(id));
      }
    }
  }

  private welcome(identity: Buffer, payload: Buffer, receivedAtSeconds: number): undefined {
    const greeting = decodeHello(payload.subarray(0, MAX_CONTROL_BYTES));
    switch (greeting.kind) {
      case 'plain':
        this.replies.announce(identity, greeting.maxMessageBytes);
        return this.replies.ready(identity);
      case 'producer':
        this.replies.announce(identity, greeting.maxMessageBytes);
        return this.consumer.greet(identity, greeting.producer);
      case 'unreadable': {
        const { code, reason } = greeting;
        this.replies.control(identity, REFUSED, Buffer.from(encodeRefused(code, reason)));
        // An honest client may speak another version: it gets an answer, and its message is not rejected.
        return code === 'version'
          ? undefined
          : this.payload.refuse(unreadable('malformed', reason, payload), receivedAtSeconds);
      }
    }
  }
}

interface RouterIntakeOptions extends Omit<RequestRunnerOptions, 'replies'> {
  readonly consumer: AcknowledgedConsumer;
  readonly maxReplyBytesPerPeer: number;
  readonly maxFrameBytes: number;
}

export interface IntakeOptions extends RouterIntakeOptions {
  /** PUB/SUB: called with how many events of subscribed topics never came. */
  readonly onMissed: (events: number) => void;
}

/** An intake, and its requests if the pair carries any. */
export interface PairIntake {
  readonly intake: Intake;
  readonly requests: RequestRunner | undefined;
  readonly close: () => void;
}

const NOTHING_TO_CLOSE = (): void => undefined;

/** The intake of a pair; those without answers are in `intake.ts`. */
export function createIntake(
  pair: SocketPair,
  socket: unknown,
  payload: PayloadIntake,
  options: IntakeOptions,
): PairIntake {
  switch (pair) {
    case 'push-pull':
      return { intake: new PullIntake(payload), requests: undefined, close: NOTHING_TO_CLOSE };
    case 'pub-sub': {
      const intake = new SubscribeIntake(payload, options.handlers, options.onMissed);
      return { intake, requests: undefined, close: NOTHING_TO_CLOSE };
    }
    case 'dealer-router':
      return createRouterIntake(socket as Router, payload, options);
  }
}

function createRouterIntake(
  socket: Router,
  payload: PayloadIntake,
  options: RouterIntakeOptions,
): PairIntake {
  const replies = new ReplyOutbox({
    socket,
    codec: options.codec,
    maxFrameBytes: options.maxFrameBytes,
    maxBytesPerPeer: options.maxReplyBytesPerPeer,
    onDropped: options.onDropped,
    onPeerGone: (identity) => {
      requests.cancelAll(identity);
      options.consumer.leave(identity);
    },
    ackFor: (identity) => options.consumer.ackFor(identity),
  });
  options.consumer.attach(replies);
  const requests = new RequestRunner({ ...options, replies });
  return {
    intake: new RouterIntake(payload, requests, replies, options.consumer),
    requests,
    close: () => replies.close(),
  };
}
