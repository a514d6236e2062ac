import { METRICS } from '@app/contracts';
import { HttpGate, pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { LiveStream } from './live.stream.js';

/** Who was not let in. */
@Injectable()
export class GateMetrics {
  constructor(gate: HttpGate) {
    pulledCounters(METRICS.httpRefused, 'reason', () => gate.refusals());
  }
}

/** Who listens, and who was cut off. */
@Injectable()
export class StreamMetrics {
  constructor(stream: LiveStream) {
    pulledGauge(METRICS.feedClients, () => stream.stats().clients);
    pulledCounter(METRICS.feedDroppedClients, () => stream.stats().droppedClients);
  }
}
