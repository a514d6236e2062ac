import { METRICS, REJECTION_REASONS, type RejectionReason } from '@app/contracts';
import { pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import type { RefusedEvent, RejectedMessage } from '@app/zmq-transport';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import type { NumberedLetter, RejectionCounts } from '../../counting/state/state-record.js';
import { type KeptRejections, TradeState } from '../../counting/state/trade-state.js';
import { type DeadLetter, describeContent, type Rejection } from './dead-letter.js';
import { DeadLetterFile } from './dead-letter-file.js';
import { DeadLetterRing } from './dead-letter-ring.js';

const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * What the handler gives the transport for an event that it rejects. The transport does not retry the event, tells its
 * producer, and reports it with this value, so that the rejection keeps the contract's reason.
 */
export interface RejectedEvent extends RefusedEvent {
  readonly contractReason: RejectionReason;
}

/** Makes one. `message`: one sentence for people. */
export function rejectedEvent(contractReason: RejectionReason, message: string): RejectedEvent {
  return { status: 'error', message, isRefusedEvent: true, contractReason };
}

/** Whether the transport reports what `rejectedEvent` made. */
export function isRejectedEvent(cause: unknown): cause is RejectedEvent {
  return typeof cause === 'object' && cause !== null && 'contractReason' in cause;
}

/** Puts a rejection of the transport into the words of the contract, whose set of reasons is closed. */
export function toRejection(message: RejectedMessage): Rejection {
  const { detail, content, receivedAtSeconds } = message;
  return { reason: toReason(message), detail, content, receivedAtSeconds };
}

function toReason({ reason, content, cause }: RejectedMessage): RejectionReason {
  switch (reason) {
    case 'no_pattern':
      return isJsonObject(content) ? 'unknown_type' : 'not_an_object';
    case 'no_handler':
      return 'unknown_type';
    case 'handler_failed':
      return isRejectedEvent(cause) ? cause.contractReason : reason;
    default:
      return reason;
  }
}

function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes every rejection: counts it by its reason, keeps it as a dead letter, and writes it to the file if there is one. */
@Injectable()
export class RejectionsService implements KeptRejections, OnApplicationShutdown {
  /** The dead letters in memory. */
  readonly letters: DeadLetterRing;
  private readonly counts = new Map<RejectionReason, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  private readonly file: DeadLetterFile | undefined;
  /** Makes ids unique across restarts, also in one file. */
  private readonly run = Date.now().toString(36);
  private count = 0;
  private replays = 0;
  private unwritten = 0;
  private brokenContracts = 0;

  constructor(config: SidecarConfig, state: TradeState) {
    this.letters = new DeadLetterRing({
      maxCount: config.DEAD_LETTER_MAX_COUNT,
      maxBytes: config.DEAD_LETTER_MAX_BYTES,
    });
    this.file = config.DEAD_LETTER_FILE
      ? new DeadLetterFile({
          path: config.DEAD_LETTER_FILE,
          maxFileBytes: config.DEAD_LETTER_FILE_MAX_BYTES,
          maxWaitingBytes: MAX_WAITING_BYTES,
          onUnwritten: (letters) => (this.unwritten += letters),
        })
      : undefined;
    pulledCounters(METRICS.eventsRejected, 'reason', () => Object.fromEntries(this.counts));
    pulledCounter(METRICS.deadLettersUnwritten, () => this.unwritten);
    pulledCounter(METRICS.deadLettersReplayed, () => this.replays);
    pulledGauge(METRICS.deadLetters, () => this.letters.size);
    state.include(this);
  }

  /** Rejections since the start; with kept state, since the first start. */
  get total(): number {
    return this.count;
  }

  /** Dead letters that were replayed, in the same time. */
  get replayed(): number {
    return this.replays;
  }

  /** Events of this process that our handler rejected. The transport counts each as a failed handler, which it is not. */
  get rejectedByHandler(): number {
    return this.brokenContracts;
  }

  /** Takes an event or message that the transport rejected. Never throws: the receive loop calls it. */
  take(message: RejectedMessage): void {
    if (isRejectedEvent(message.cause)) this.brokenContracts += 1;
    this.reject(toRejection(message));
  }

  /** Counts and keeps a rejection. Never throws. */
  reject({ reason, detail, content, receivedAtSeconds }: Rejection): void {
    this.add(reason, 1);
    const id = `${this.run}-${this.count}`;
    const letter: DeadLetter = { id, reason, detail, receivedAtSeconds, ...describeContent(content) };
    this.letters.add(letter);
    this.file?.append(letter);
  }

  /** Counts a replay, and shows it on the letter. */
  markReplayed(id: string, replayedAtSeconds: number): void {
    this.letters.markReplayed(id, replayedAtSeconds);
    this.replays += 1;
  }

  /** A copy of what continues after a restart, without the reasons at 0. */
  capture(): RejectionCounts {
    const rejected = Object.fromEntries([...this.counts].filter(([, count]) => count > 0));
    return { rejected, replayed: this.replays };
  }

  /** Continues the counts and letters of an earlier process. */
  restore({ rejected, replayed }: RejectionCounts, letters: readonly NumberedLetter[]): void {
    for (const reason of REJECTION_REASONS) this.add(reason, rejected[reason] ?? 0);
    this.replays += replayed;
    // Written by this class, and sealed since.
    this.letters.restore(letters as readonly NumberedLetter<DeadLetter>[]);
  }

  /** Waits until the file has all that fits into it. */
  async onApplicationShutdown(): Promise<void> {
    await this.file?.flush();
  }

  private add(reason: RejectionReason, times: number): void {
    this.count += times;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + times);
  }
}
