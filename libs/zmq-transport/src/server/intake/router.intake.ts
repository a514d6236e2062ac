import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CANCEL,
  HELLO,
  kindOf,
  PACKETS,
  PING,
  PONG,
  PROTOCOL_VERSION,
  READY,
  REFUSED,
} from '../../wire/frame-kind.js';
import { unreadable, wrongFrameCount } from '../message-reader.js';
import type { RequestRunner } from '../requests/request-runner.js';
import type { ReplyOutbox } from '../requests/reply-outbox.js';
import type { Intake } from './intake.js';
import type { PayloadIntake } from './payload.intake.js';

/** What a PONG has to carry back; many of them may wait for a peer that does not read. */
const MAX_PING_BYTES = 64;

/** DEALER/ROUTER: the peer's identity, a kind, a payload. See `wire/frame-kind.ts`. */
export class RouterIntake implements Intake {
  constructor(
    private readonly payload: PayloadIntake,
    private readonly requests: RequestRunner,
    private readonly replies: ReplyOutbox,
  ) {}

  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined {
    const [identity, kind, payload] = frames;
    if (identity === undefined || kind === undefined || payload === undefined || frames.length !== 3) {
      return this.payload.refuse(wrongFrameCount('2 frames', frames.slice(1)), receivedAtSeconds);
    }
    switch (kindOf(kind)) {
      case PACKETS:
        return this.acceptPackets(identity, payload, receivedAtSeconds);
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

  async settled(): Promise<void> {
    // A handler has ended a turn before its answer is handed over.
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
    // Answers leave in later turns, and receive() may resolve again and again within one: without this turn a burst of
    // quick requests would count as too many pending ones.
    return busy?.then(() => (this.requests.isCrowdedBy(identity) ? nextTurn() : undefined));
  }

  private cancel(identity: Buffer, payload: Buffer, receivedAtSeconds: number): undefined {
    const ids = parse(payload);
    if (!Array.isArray(ids)) {
      return this.payload.refuse(unreadable('malformed', 'CANCEL names no ids', payload), receivedAtSeconds);
    }
    for (const id of ids) {
      this.requests.cancel(identity, String(id));
    }
  }

  private welcome(identity: Buffer, payload: Buffer, receivedAtSeconds: number): undefined {
    const version = (parse(payload) as { version?: unknown } | undefined)?.version;
    if (typeof version !== 'number') {
      return this.payload.refuse(
        unreadable('malformed', 'HELLO names no version', payload),
        receivedAtSeconds,
      );
    }
    const answer =
      version === PROTOCOL_VERSION
        ? { version: PROTOCOL_VERSION }
        : {
            version: PROTOCOL_VERSION,
            reason: `it speaks version ${version}, this server ${PROTOCOL_VERSION}`,
          };
    this.replies.control(
      identity,
      version === PROTOCOL_VERSION ? READY : REFUSED,
      Buffer.from(JSON.stringify(answer)),
    );
  }
}

/** Control payloads are JSON whatever the codec; undefined for anything else. */
function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8', 0, 65_536)) ?? undefined;
  } catch {
    // The caller rejects the message as malformed.
    return undefined;
  }
}
