import { nowSeconds, type TradeEvent } from '@app/contracts';
import { ProblemException } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import type { DeadLetter } from '../rejections/dead-letter.js';
import { DeadLetterRing } from '../rejections/dead-letter.ring.js';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { ReplayTally } from '../rejections/replay.tally.js';
import { StateWriter } from '../state/state.writer.js';
import { TradeState } from '../state/trade.state.js';
import { readEvent, replayRefusal } from './letter.event.js';
import type { ReplayDto } from './replay.dto.js';

/** Longer than a batch takes; what is waited for then is a disk that does not write. */
const TURN_TIMEOUT_MS = 5_000;

/** Sends dead letters again: each is applied once, however often it is asked for. */
@Injectable()
export class LetterReplayer {
  constructor(
    private readonly ring: DeadLetterRing,
    private readonly recorder: TradeRecorder,
    private readonly tally: ReplayTally,
    private readonly state: TradeState,
    private readonly writer: StateWriter,
    private readonly server: ZmqServer,
  ) {}

  /**
   * Applies the event of a letter as if it had come in now, once. With kept state it resolves when the disk has that.
   *
   * @throws ProblemException 404 for a letter that is not kept, 409 or 422 for one that cannot be applied, 503 while
   * the state cannot take it
   */
  async replay(id: string): Promise<ReplayDto> {
    const answer = await this.betweenBatches(() => this.take(id));
    await this.untilKept();
    return answer;
  }

  /** Whether `replay` would apply the event of this letter: it can be, and it was not yet. */
  isReplayable(letter: DeadLetter): boolean {
    return letter.replayedAtSeconds === undefined && readEvent(letter).fault === undefined;
  }

  /** Runs `work` while no batch is half handled: the next write then has all of the letter, or nothing. */
  private betweenBatches<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let tooLate = false;
      const timer = setTimeout(() => {
        tooLate = true;
        reject(later('the state cannot be written, and nothing is applied meanwhile'));
      }, TURN_TIMEOUT_MS);
      // Its end is told by the promise around it; work that was given up must not be done after all.
      const turn = this.server.runExclusive(() => {
        clearTimeout(timer);
        return tooLate ? undefined : work();
      });
      turn.then((done) => resolve(done as T), reject);
    });
  }

  private take(id: string): ReplayDto {
    const found = this.ring.find(id);
    if (found === undefined) throw new ProblemException({ status: 404, detail: 'no such letter is kept' });
    const { letter } = found;
    const { event, fault } = readEvent(letter);
    if (fault !== undefined) throw replayRefusal(fault);
    const earlier = letter.replayedAtSeconds;
    const replayedAtSeconds = earlier ?? this.apply(letter, event);
    return { id, alreadyReplayed: earlier !== undefined, replayedAtSeconds, event };
  }

  /** All in one go: nothing else can run between looking at the letter and marking it. */
  private apply(letter: DeadLetter, event: Readonly<TradeEvent>): number {
    const atSeconds = nowSeconds();
    try {
      this.recorder.record(event, atSeconds);
      this.recorder.endBatch();
    } catch (error) {
      if (!(error instanceof EventRefusedError)) throw error;
      throw replayRefusal({ status: 422, field: 'qty', rule: error.reason, message: error.message });
    }
    this.tally.add(1);
    this.ring.markReplayed(letter.id, atSeconds);
    this.state.takeBetweenBatches();
    return atSeconds;
  }

  /** Also for a letter that was sent again before: its first answer may be waiting for the same write. */
  private async untilKept(): Promise<void> {
    if (!this.writer.isBehind) return;
    try {
      await this.writer.flush();
    } catch (error) {
      throw later('it was applied, but the state cannot be written', error);
    }
  }
}

function later(why: string, cause?: unknown): ProblemException {
  const problem = new ProblemException({
    status: 503,
    detail: `the letter is not done with yet: ${why}; ask again`,
    headers: { 'retry-after': '1' },
  });
  return Object.assign(problem, { cause });
}
