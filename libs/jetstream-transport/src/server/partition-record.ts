import { Kvm, type KV } from '@nats-io/kv';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { ZmqTransportError } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';

const VERSION = 1;

/** What is committed of a partition, in one record of the key-value bucket. */
export interface PartitionRecord {
  /** The process that may commit next. */
  readonly owner: string;
  /** The consumer that it reads by, which its successor removes. */
  readonly consumer: string;
  /** When the stream was made: the position means nothing in another one. */
  readonly streamCreated: string;
  /** The stream sequence of the last message that was handled; 0 before the first. */
  readonly position: number;
  /** What the handlers changed, as `PartitionState` gave it. */
  readonly state?: string | undefined;
}

/** A record and its revision: only who knows the newest revision can write the next. */
export interface StoredRecord {
  readonly record: PartitionRecord;
  readonly revision: number;
}

/** A record that this version cannot read. Nothing is counted until somebody has looked: to begin again would count twice. */
export class UnreadableRecordError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_UNREADABLE_RECORD';
}

/** Positions and counts by partition, in a key-value bucket whose revisions are the fence between owners. */
export class PartitionRecords {
  private constructor(
    private readonly bucket: KV,
    private readonly bucketName: string,
  ) {}

  /** Opens the bucket `<stream>-<group>`, or makes it. */
  static async open(
    { jetstream }: BrokerSession,
    {
      stream,
      group,
      replicas,
    }: { readonly stream: string; readonly group: string; readonly replicas: number },
  ): Promise<PartitionRecords> {
    const name = `${stream}-${group}`;
    const bucket = await new Kvm(jetstream).create(name, { history: 1, replicas });
    return new PartitionRecords(bucket, name);
  }

  /** @throws UnreadableRecordError */
  async read(partition: number): Promise<StoredRecord | undefined> {
    const entry = await this.bucket.get(keyOf(partition));
    if (entry === null || entry.operation !== 'PUT') {
      return undefined;
    }
    return { record: this.parse(partition, entry.string()), revision: entry.revision };
  }

  /**
   * Writes what follows the record of `revision`; 0 is for the first.
   * @returns the new revision; undefined when somebody has written in between
   */
  async write(partition: number, record: PartitionRecord, revision: number): Promise<number | undefined> {
    const text = JSON.stringify({ version: VERSION, ...record });
    try {
      return revision === 0
        ? await this.bucket.create(keyOf(partition), text)
        : await this.bucket.update(keyOf(partition), text, revision);
    } catch (error) {
      if (isStale(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private parse(partition: number, text: string): PartitionRecord {
    const fault = (what: string): UnreadableRecordError =>
      new UnreadableRecordError(
        `the record of partition ${partition} in the bucket ${this.bucketName} ${what}`,
      );
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw fault('is no JSON');
    }
    const { version, owner, consumer, streamCreated, position, state } = Object(value) as Record<
      string,
      unknown
    >;
    if (version !== VERSION) {
      throw fault(`has version ${String(version)}; this program reads ${VERSION}`);
    }
    if (
      typeof owner !== 'string' ||
      typeof consumer !== 'string' ||
      typeof streamCreated !== 'string' ||
      !Number.isSafeInteger(position) ||
      (state !== undefined && typeof state !== 'string')
    ) {
      throw fault('lacks a field, or has one of another type');
    }
    return { owner, consumer, streamCreated, position: position as number, state };
  }
}

function keyOf(partition: number): string {
  return `partition.${partition}`;
}

function isStale(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
