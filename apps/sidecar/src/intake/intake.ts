import { METRICS } from '@app/contracts';
import { pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import type { DrainingServer, RejectedMessageReason } from '@app/transport-core';
import type { BareEventDeserializer } from '@app/zmq-transport';
import type { INestApplication } from '@nestjs/common';
import type { IncomingEvent } from '@nestjs/microservices';
import { ConfiguredEvents } from './configured-events.js';
import type { RejectionsService } from './rejections/rejections.service.js';

/** What the statistics of every transport's server have. */
export interface IntakeStats {
  readonly inFlight: number;
  readonly received: number;
  readonly batches: number;
  readonly receivedBytes: number;
  readonly disconnects: number;
  readonly rejected: Readonly<Record<RejectedMessageReason, number>>;
}

/** The answer to a question about health. */
export interface IntakeHealth {
  /** The name of the check. */
  readonly name: string;
  /** What is wrong, for people; undefined when all is well. */
  readonly fault: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Where trades come in from: ZeroMQ, or the partitions of a broker. `connectIntake` starts it, health and metrics read it. */
export abstract class Intake {
  /** Nest's transport strategy. */
  abstract readonly server: DrainingServer;
  /**
   * Sends an event in again, as its producer did; once for an `id`. Undefined over ZeroMQ: there a replay counts the event itself.
   */
  readonly resend?: (id: string, event: object) => Promise<void>;

  constructor(private readonly rejections: RejectionsService) {
    pulledGauge(METRICS.transportQueueDepth, () => this.stats().inFlight);
    pulledGauge(METRICS.transportLinkUp, () => (this.ready().fault === undefined ? 1 : 0));
    pulledCounter(METRICS.transportReceived, () => this.received);
    pulledCounters(METRICS.transportBatches, 'direction', () => ({ in: this.stats().batches }));
    pulledCounters(METRICS.transportBytes, 'direction', () => ({ in: this.stats().receivedBytes }));
    pulledCounter(METRICS.transportDisconnects, () => this.stats().disconnects);
    pulledCounter(METRICS.transportHandlerFailures, () => this.failedHandlers);
    pulledCounters(METRICS.transportDrops, 'reason', () => {
      return { ...this.stats().rejected, handler_failed: this.failedEvents };
    });
  }

  /** Call it once everything is created, before the first event. */
  abstract follow(): void;
  /** Whether this sidecar receives all trades that are meant for it. */
  abstract ready(): IntakeHealth;
  /** Has a fault only when a restart would mend it. */
  abstract live(): IntakeHealth;
  /** The error to show the operator when the start fails with this one. */
  abstract explain(error: unknown): unknown;
  protected abstract stats(): IntakeStats;

  /**
   * Events received, and messages in which no event could be read. Every one is applied or rejected in the end, so the
   * counters add up. The transport cannot know how many events an unreadable message was meant to hold.
   */
  get received(): number {
    const { received, rejected } = this.stats();
    return received + rejected.malformed + rejected.frame_count + rejected.oversize + rejected.batch_size;
  }

  /** Events and requests that kept the contract, and whose handler failed. */
  protected get failedHandlers(): number {
    return this.failedEvents;
  }

  /** The server counts an event that our handler rejects as a failed handler. For our users it is a rejection. */
  protected get failedEvents(): number {
    return this.stats().rejected.handler_failed - this.rejections.rejectedByHandler;
  }
}

/**
 * Starts to receive trades. Over ZeroMQ it resolves when the server listens. Call it before HTTP listens, so that a sidecar that
 * answers HTTP also counts.
 *
 * @throws BindFailedError when an address is in use or cannot be bound; ConfigurationError when the broker denies the settings
 */
export async function connectIntake(app: INestApplication): Promise<void> {
  const intake = app.get(Intake);
  // Without the pipes and filters of HTTP: they would run for each batch, and trades have their own check.
  const microservice = app.connectMicroservice({ strategy: intake.server }, { inheritAppConfig: false });
  intake.server.callDirectly(microservice);
  app.get(ConfiguredEvents).serve(intake.server);
  try {
    await app.startAllMicroservices();
  } catch (error) {
    throw intake.explain(error);
  }
}

/**
 * Reads the contract's wire form: the event itself, whose `type` is the Nest pattern. Anything else has no pattern, and
 * the transport rejects it.
 */
export class ContractDeserializer implements BareEventDeserializer {
  patternOf(value: unknown): unknown {
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  }

  deserialize(value: unknown): IncomingEvent {
    return { pattern: this.patternOf(value), data: value };
  }
}
