import { RESERVED_NAMES } from '@app/contracts';
import { type EventDefinition, readMetricsFile } from '@app/event-metrics';
import { Injectable } from '@nestjs/common';
import { PublisherConfig } from './publisher.config.js';

/** The types of EVENT_TYPES, read once; none without it. */
@Injectable()
export class EventTypes {
  private readonly byName: ReadonlyMap<string, EventDefinition>;

  constructor({ EVENT_TYPES }: PublisherConfig) {
    this.byName = EVENT_TYPES === undefined ? new Map() : readMetricsFile(EVENT_TYPES, RESERVED_NAMES).events;
  }

  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  get definitions(): readonly EventDefinition[] {
    return [...this.byName.values()];
  }

  find(type: string): EventDefinition | undefined {
    return this.byName.get(type);
  }
}
