import { type TradeEvent } from '@app/contracts';
import { ProblemException } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { BatchTurns } from '../../counting/state/trade-ledger.js';
import { StateWriter } from '../../counting/state/state-writer.js';
import { TradeState } from '../../counting/state/trade-state.js';
import { EventRejectedError, TradeRecorder } from '../../counting/trade-recorder.js';
import { Intake } from '../intake.js';
import type { DeadLetter } from './dead-letter.js';
import type { ReplayDto } from './dead-letters.dto.js';
import { readEvent, replayRefusal } from './letter-event.js';
import { RejectionsService } from './rejections.service.js';

/** A batch takes less. A longer wait means that the disk does not write. */
const TURN_TIMEOUT_MS = 5_000;

/** Replays dead letters: each is applied once, however often it is asked for. */
@Injectable()
export class LetterReplayer {
  constructor(
    private readonly rejections: RejectionsService,
    private readonly recorder: TradeRecorder,
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
    return letter.replayedAtSeconds === undefined && readEvent(letter).fault === undefined;
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
    // Of those who asked at the same time, the first to be answered did it: the broker stores an id once.
    const meanwhile = this.rejections.letters.find(id)?.letter.replayedAtSeconds;
    const replayedAtSeconds = meanwhile ?? epochSeconds();
    if (meanwhile === undefined) this.rejections.markReplayed(id, replayedAtSeconds);
    return { id, alreadyReplayed: meanwhile !== undefined, replayedAtSeconds, event };
  }

  private find(id: string): { letter: DeadLetter; event: Readonly<TradeEvent> } {
    const found = this.rejections.letters.find(id);
    if (found === undefined)
      throw new ProblemException({ status: 404, detail: 'no letter with this id is kept' });
    const { letter } = found;
    const { event, fault } = readEvent(letter);
    if (fault !== undefined) throw replayRefusal(fault);
    return { letter, event };
  }

  /** Synchronous: nothing else runs between reading the letter and marking it. */
  private apply(letter: DeadLetter, event: Readonly<TradeEvent>): number {
    const atSeconds = epochSeconds();
    try {
      this.recorder.record(event, atSeconds);
      this.recorder.endBatch();
    } catch (error) {
      if (!(error instanceof EventRejectedError)) throw error;
      throw replayRefusal({ status: 422, field: 'qty', rule: error.reason, message: error.message });
    }
    this.rejections.markReplayed(letter.id, atSeconds);
    this.state.takeBetweenBatches();
    return atSeconds;
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

function later(why: string, cause?: unknown): ProblemException {
  const problem = new ProblemException({
    status: 503,
    detail: `the replay is not complete: ${why}; try again`,
    headers: { 'retry-after': '1' },
  });
  return Object.assign(problem, { cause });
}
