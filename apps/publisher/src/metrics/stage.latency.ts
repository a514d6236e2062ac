import { METRICS, type TradeStage } from '@app/contracts';
import type { BatchSent } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';

const STAGE: TradeStage = 'accepted_to_sent';

/** How long trades wait in the outbox and for the socket: from their acceptance until libzmq took their message. */
@Injectable()
export class StageLatency {
  private readonly observeSeconds: (seconds: number) => void;

  constructor() {
    // Bound once: a lookup by label for every event would be avoidable work.
    this.observeSeconds = new Histogram(METRICS.stageLatency).labels(STAGE).observe;
  }

  /** Takes one message. Runs on the hot path. */
  observe({ accepted, sentAtSeconds }: BatchSent): void {
    for (const { atSeconds, events } of accepted) {
      const seconds = Math.max(0, sentAtSeconds - atSeconds);
      for (let event = 0; event < events; event += 1) this.observeSeconds(seconds);
    }
  }
}
