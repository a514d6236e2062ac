import { checkTrade, TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { ProblemException } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { ConfiguredCounts } from '../../counting/configured-counts.js';
import { BatchTurns } from '../../counting/state/trade-ledger.js';
import { StateWriter } from '../../counting/state/state-writer.js';
import { TradeState } from '../../counting/state/trade-state.js';
import { EventRejectedError, TradeRecorder } from '../../counting/trade-recorder.js';
import { Intake } from '../intake.js';
import type { DeadLetter } from './dead-letter.js';
import type { ReplayDto } from './dead-letters.dto.js';
import { RejectionsService } from './rejections.service.js';

/** A batch takes less. A longer wait means that the disk does not write. */
const TURN_TIMEOUT_MS = 5_000;

/** An event of any type. */
type WireEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** Why a letter cannot be applied. */
interface ReplayFault {
  /** 409: only the beginning of the input was kept. 422: it is not one event that keeps the contract. */
  readonly status: 409 | 422;
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

/** The event of a letter, or why it cannot be applied. */
type LetterEvent =
  | { readonly event: WireEvent; readonly fault?: undefined }
  | { readonly event?: undefined; readonly fault: ReplayFault };

/** Replays dead letters: each is applied once, however often it is asked for. */
@Injectable()
export class LetterReplayer {
  constructor(
    private readonly rejections: RejectionsService,
    private readonly recorder: TradeRecorder,
    private readonly configured: ConfiguredCounts,
    private readonly turns: BatchTurns,
    private readonly state: TradeState,
    private readonly writer: StateWriter,
    private readonly intake: Intake,
  ) {}

  /**
   * Applies the event of a letter as if it had come in now, once. With kept state it resolves when the disk has the change.
   *
   * @throws ProblemException 404 for a letter that is not kept, 409 or 422 for one that cannot be applied, 503 while
   * the state cannot be written
   */
  async replay(id: string): Promise<ReplayDto> {
    const { resend } = this.intake;
    if (resend !== undefined) return this.sendAgain(id, resend);
    const answer = await this.betweenBatches(() => this.take(id));
    await this.untilKept();
    return answer;
  }

  /** Whether `replay` would apply the event of this letter: it keeps the contract, and was not applied yet. */
  isReplayable(letter: DeadLetter): boolean {
    return letter.replayedAtSeconds === undefined && this.readEvent(letter).fault === undefined;
  }

  /** Runs `work` while no batch is half handled: the next write then has all of the letter, or nothing. */
  private betweenBatches<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(later('nothing was applied, because the state cannot be written'));
      }, TURN_TIMEOUT_MS);
      const turn = this.turns.run(() => {
        clearTimeout(timer);
        // The caller has its answer already: the work must not run after all.
        return isLate ? undefined : work();
      });
      turn.then((done) => resolve(done as T), reject);
    });
  }

  private take(id: string): ReplayDto {
    const { letter, event } = this.find(id);
    const earlier = letter.replayedAtSeconds;
    const replayedAtSeconds = earlier ?? this.apply(letter, event);
    return { id, alreadyReplayed: earlier !== undefined, replayedAtSeconds, event };
  }

  /** The letter is marked only after that: a post that failed may be made again. */
  private async sendAgain(id: string, resend: NonNullable<Intake['resend']>): Promise<ReplayDto> {
    const { letter, event } = this.find(id);
    const earlier = letter.replayedAtSeconds;
    if (earlier !== undefined) return { id, alreadyReplayed: true, replayedAtSeconds: earlier, event };
    try {
      await resend(id, event);
    } catch (error) {
      throw later('the broker did not take it', error);
    }
    // When several requests replay a letter at the same time, the first answer applied it: the broker stores an id once.
    const meanwhile = this.rejections.letters.find(id)?.letter.replayedAtSeconds;
    const replayedAtSeconds = meanwhile ?? epochSeconds();
    if (meanwhile === undefined) this.rejections.markReplayed(id, replayedAtSeconds);
    return { id, alreadyReplayed: meanwhile !== undefined, replayedAtSeconds, event };
  }

  private find(id: string): { letter: DeadLetter; event: WireEvent } {
    const found = this.rejections.letters.find(id);
    if (found === undefined)
      throw new ProblemException({ status: 404, detail: 'no letter with this id is kept' });
    const { letter } = found;
    const { event, fault } = this.readEvent(letter);
    if (fault !== undefined) throw replayRefusal(fault);
    return { letter, event };
  }

  /** Synchronous: nothing else runs between reading the letter and marking it. */
  private apply(letter: DeadLetter, event: WireEvent): number {
    const atSeconds = epochSeconds();
    if (event.type === TRADE_PATTERN) this.applyTrade(event as unknown as TradeEvent, atSeconds);
    else {
      const at = { partition: undefined, atSeconds };
      this.configured.record(event.type, [event], at, (_, { field, rule, message }) => {
        throw replayRefusal({ status: 422, field, rule, message });
      });
    }
    this.rejections.markReplayed(letter.id, atSeconds);
    this.state.takeBetweenBatches();
    return atSeconds;
  }

  private applyTrade(event: Readonly<TradeEvent>, atSeconds: number): void {
    try {
      this.recorder.record(event, atSeconds);
      this.recorder.endBatch();
    } catch (error) {
      if (!(error instanceof EventRejectedError)) throw error;
      throw replayRefusal({ status: 422, field: 'qty', rule: error.reason, message: error.message });
    }
  }

  /** Reads the one event that a letter holds, and checks it again. */
  private readEvent({ content, encoding, truncated, contentBytes }: DeadLetter): LetterEvent {
    if (truncated) {
      const message = `only the beginning of the ${contentBytes} bytes of this input was kept`;
      return { fault: { status: 409, field: 'content', rule: 'complete', message } };
    }
    // Bytes that were never decoded are a whole message, perhaps a batch, and part of them may be lost.
    const value = encoding === 'json' ? parsed(content) : undefined;
    if (value === undefined) {
      const message = 'this input was not an event: it could not be decoded';
      return { fault: { status: 422, field: 'content', rule: 'event', message } };
    }
    const violation = this.violationOf(value);
    if (violation === undefined) return { event: value as WireEvent };
    const { field, rule, message } = violation;
    return { fault: { status: 422, field: field || 'content', rule, message } };
  }

  /** What keeps a value from being applied, whichever type it has. */
  private violationOf(value: unknown): Omit<ReplayFault, 'status'> | undefined {
    const { type } = Object(value) as { readonly type?: unknown };
    const isConfigured = typeof type === 'string' && this.configured.types.includes(type);
    return isConfigured ? this.configured.check(type, value) : checkTrade(value);
  }

  /** A letter that was replayed before waits too: its first replay may be waiting for the same write. */
  private async untilKept(): Promise<void> {
    if (!this.writer.isBehind) return;
    try {
      await this.writer.flush();
    } catch (error) {
      throw later('it was applied, but the state cannot be written yet', error);
    }
  }
}

/** Undefined for the one text that is not JSON: an input of `undefined` is kept under that word. */
function parsed(text: string): unknown {
  return text === 'undefined' ? undefined : JSON.parse(text);
}

/** The answer to a replay of a letter that cannot be applied. */
function replayRefusal({ status, field, rule, message }: ReplayFault): ProblemException {
  return new ProblemException({
    status,
    detail: `the letter cannot be replayed: ${message}`,
    errors: [{ field, rule, message }],
  });
}

function later(why: string, cause?: unknown): ProblemException {
  const problem = new ProblemException({
    status: 503,
    detail: `the replay is not complete: ${why}; try again`,
    headers: { 'retry-after': '1' },
  });
  return Object.assign(problem, { cause });
}
