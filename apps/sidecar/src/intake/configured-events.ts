import { METRICS, type RejectionReason } from '@app/contracts';
import { readText } from '@app/event-metrics';
import { type BatchTrace, onHangup, pulledGauge, TELEMETRY, type Telemetry } from '@app/service-kit';
import type { DrainingServer } from '@app/transport-core';
import { Inject, Injectable, Logger, type OnModuleDestroy, Optional } from '@nestjs/common';
import { metricsFileOf, SidecarConfig } from '../config/sidecar.config.js';
import { ConfiguredCounts } from '../counting/configured-counts.js';
import { rejectedEvent } from './rejections/rejections.service.js';
import type { BatchContext } from './trades.controller.js';

/** How often the file is looked at. Its content is compared: file system events do not work everywhere. */
const LOOK_INTERVAL_MS = 1000;

/** Where events of the types of SIDECAR_METRICS enter the sidecar: a batch handler for each. Reads the file again when it changes. */
@Injectable()
export class ConfiguredEvents implements OnModuleDestroy {
  private readonly logger = new Logger('metrics file');
  private readonly served = new Set<string>();
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;
  private server: DrainingServer | undefined;
  private usedText = '';
  /** A faulty text that the log has reported. */
  private faultyText: string | undefined;
  /** Why the file is not in use as it is now; undefined while it is. */
  private fault: string | undefined;

  constructor(
    private readonly config: SidecarConfig,
    private readonly counts: ConfiguredCounts,
    @Optional() @Inject(TELEMETRY) private readonly telemetry?: Telemetry,
  ) {
    const { SIDECAR_METRICS: path } = config;
    this.stopListening = path === undefined ? () => undefined : onHangup(() => this.look(path, true));
    if (path === undefined) return;
    pulledGauge(METRICS.metricsFileValid, () => (this.fault === undefined ? 1 : 0));
    this.usedText = readText(path);
    this.timer = setInterval(() => this.look(path, false), LOOK_INTERVAL_MS).unref();
  }

  /** Gives this server a handler for each type, now and when the file changes. Call it before the server listens. */
  serve(server: DrainingServer): void {
    this.server = server;
    this.addHandlers();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stopListening();
  }

  private record(type: string, events: readonly unknown[], batch: BatchContext): void {
    const trace = this.telemetry?.batches?.begin(events, batch, type);
    try {
      this.apply(type, events, batch, trace);
    } finally {
      trace?.end();
    }
  }

  private apply(
    type: string,
    events: readonly unknown[],
    batch: BatchContext,
    trace: BatchTrace | undefined,
  ): void {
    const { partition, receivedAtSeconds: atSeconds } = batch;
    const reject = (
      index: number,
      { reason, message }: { readonly reason: RejectionReason; readonly message: string },
    ): void => {
      batch.reject(index, message, rejectedEvent(reason, message));
      trace?.fault(reason);
    };
    if (this.counts.record(type, events, { partition, atSeconds }, reject)) return;
    // The file no longer has the type: its events are rejected as those of any type without a handler.
    const message = `no handler for ${type}`;
    events.forEach((_, index) => reject(index, { reason: 'unknown_type', message }));
  }

  /** Reads the file again if it has changed, or on SIGHUP (`isAsked`). A faulty one changes nothing. */
  private look(path: string, isAsked: boolean): void {
    let text: string | undefined;
    try {
      text = readText(path);
      if (!isAsked && text === this.faultyText) return;
      if (!isAsked && text === this.usedText && this.fault === undefined) return;
      this.use(path, text);
    } catch (error) {
      this.faultyText = text;
      const fault = error instanceof Error ? error.message : String(error);
      if (isAsked || fault !== this.fault) {
        this.logger.error(`the file cannot be used; the earlier one stays in use:\n${fault}`);
      }
      this.fault = fault;
    }
  }

  private use(path: string, text: string): void {
    const ended = this.counts.use(metricsFileOf(this.config, text));
    this.addHandlers();
    this.usedText = text;
    this.faultyText = undefined;
    this.fault = undefined;
    const { types } = this.counts;
    this.logger.log(
      `read ${path} again: ${types.length} types (${types.join(', ')}); ${ended} series ended with their metrics`,
    );
  }

  private addHandlers(): void {
    for (const type of this.counts.types) {
      if (this.served.has(type)) continue;
      this.served.add(type);
      this.server?.handleBatches(type, (events, batch) => this.record(type, events, batch));
    }
  }
}
