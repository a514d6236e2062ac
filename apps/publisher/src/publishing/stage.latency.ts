import { METRICS, type TradeStage } from '@app/contracts';
import { BucketHistogram } from '@app/service-kit';
import type { BatchSent } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';

const STAGE: TradeStage = 'accepted_to_sent';

/** How long trades wait in the outbox and for the socket: from their acceptance until libzmq took their message. */
@Injectable()
export class StageLatency {
  // Kept, as a lookup by label for every message would be avoidable work.
  private readonly waits = new BucketHistogram(METRICS.stageLatency).series({ stage: STAGE });

  /** Takes one message. Runs on the hot path: events that were accepted at one time are one addition. */
  observe({ accepted, sentAtSeconds }: BatchSent): void {
    for (const { atSeconds, events } of accepted) {
      this.waits.add(Math.max(0, sentAtSeconds - atSeconds), events);
    }
  }
}
