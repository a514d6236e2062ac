import { METRICS, REJECTION_REASONS, type RejectionReason } from '@app/contracts';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { SidecarConfig } from '../config/sidecar.config.js';
import type { DeadLetter, Rejection } from './dead-letter.js';
import { DeadLetterFile } from './dead-letter.file.js';
import { DeadLetterRing } from './dead-letter.ring.js';
import { describeContent } from './letter.content.js';

const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Where every refusal goes: it is counted by its reason, kept for inspection, and written to the file if there is one. */
@Injectable()
export class RejectionsService implements OnApplicationShutdown {
  private readonly counters = new Map<RejectionReason, Counter.Internal>();
  private readonly counts = new Map<RejectionReason, number>();
  private readonly file: DeadLetterFile | undefined;
  /** Ids of another run must not come back in the same file. */
  private readonly run = Date.now().toString(36);
  private count = 0;

  constructor(
    config: SidecarConfig,
    private readonly ring: DeadLetterRing,
    @InjectMetric(METRICS.eventsRejected.name) rejected: Counter<'reason'>,
    @InjectMetric(METRICS.deadLettersUnwritten.name) unwritten: Counter,
  ) {
    for (const reason of REJECTION_REASONS) {
      const counter = rejected.labels(reason);
      // A rate over a series that appears with its first rejection would miss that rejection.
      counter.inc(0);
      this.counters.set(reason, counter);
    }
    this.file = config.DEAD_LETTER_FILE
      ? new DeadLetterFile({
          path: config.DEAD_LETTER_FILE,
          maxFileBytes: config.DEAD_LETTER_FILE_MAX_BYTES,
          maxWaitingBytes: MAX_WAITING_BYTES,
          onUnwritten: (letters) => unwritten.inc(letters),
        })
      : undefined;
  }

  /** Rejections since the start, or since ever where state is kept. */
  get total(): number {
    return this.count;
  }

  /** A copy of the counts by reason, without the reasons at 0. */
  capture(): Partial<Record<RejectionReason, number>> {
    return Object.fromEntries(this.counts);
  }

  /** Goes on from what an earlier process counted; before the first refusal. */
  restore(rejected: Readonly<Partial<Record<RejectionReason, number>>>): void {
    for (const reason of REJECTION_REASONS) this.add(reason, rejected[reason] ?? 0);
  }

  /** Takes note of a refusal. Never throws: it is called from the receive loop. */
  reject({ reason, detail, content, receivedAtSeconds }: Rejection): void {
    this.add(reason, 1);
    const id = `${this.run}-${this.count}`;
    const letter: DeadLetter = { id, reason, detail, receivedAtSeconds, ...describeContent(content) };
    this.ring.add(letter);
    this.file?.append(letter);
  }

  private add(reason: RejectionReason, times: number): void {
    if (times === 0) return;
    this.count += times;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + times);
    this.counters.get(reason)?.inc(times);
  }

  /** Waits until the file has what it will get. */
  async onApplicationShutdown(): Promise<void> {
    await this.file?.flush();
  }
}
