import { Kvm, type KV } from '@nats-io/kv';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { ZmqTransportError } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';
import { RecordGoneError } from '../errors.js';

const VERSION = 1;
/** A key that a process writes to see that it may. */
const PROOF = 'writable';

/** What the server commits of a partition, as one record of the key-value bucket. */
export interface PartitionRecord {
  /** The process that may commit next. */
  readonly owner: string;
  /** The broker's consumer that the owner reads from; its successor removes it. */
  readonly consumer: string;
  /** When the stream was made: in another stream the position means nothing. */
  readonly streamCreated: string;
  /** The stream sequence of the last message that was handled; 0 before the first. */
  readonly position: number;
  /** What the handlers changed, as `PartitionState.snapshot` returned it. */
  readonly state?: string | undefined;
}

/** A record and its revision: only a process that knows the newest revision can write the next record. */
export interface StoredRecord {
  readonly record: PartitionRecord;
  readonly revision: number;
}

/**
 * A record that this version cannot read. The partition stays stopped until somebody repairs it: starting over would count
 * events twice.
 */
export class UnreadableRecordError extends ZmqTransportError {
  readonly code = 'ERR_JETSTREAM_UNREADABLE_RECORD';
}

/** Positions and counts by partition, in a key-value bucket whose revisions keep former owners from writing. */
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

  /** @throws UnreadableRecordError; RecordGoneError when the bucket is gone */
  async read(partition: number): Promise<StoredRecord | undefined> {
    const entry = await this.ask(() => this.bucket.get(keyOf(partition)));
    if (entry === null || entry.operation !== 'PUT') {
      return undefined;
    }
    return { record: this.parse(partition, entry.string()), revision: entry.revision };
  }

  /**
   * Writes the successor of the record with this `revision`; 0 writes the first record.
   * @returns the new revision; undefined when another process has written in between
   * @throws RecordGoneError when the bucket is gone
   */
  async write(partition: number, record: PartitionRecord, revision: number): Promise<number | undefined> {
    const text = JSON.stringify({ version: VERSION, ...record });
    try {
      return await this.ask(() =>
        revision === 0
          ? this.bucket.create(keyOf(partition), text)
          : this.bucket.update(keyOf(partition), text, revision),
      );
    } catch (error) {
      if (isStale(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Reads and writes a key that means nothing. @throws what the broker says when it does not let this process */
  async prove(): Promise<void> {
    await this.bucket.get(PROOF);
    await this.bucket.put(PROOF, '');
  }

  /** Nothing answers for a bucket that is gone; nor for one whose servers elect a leader, and that comes back. */
  private async ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (!isStale(error) && (await this.isGone())) {
        throw new RecordGoneError(`the bucket ${this.bucketName} is gone`, { cause: error });
      }
      throw error;
    }
  }

  private async isGone(): Promise<boolean> {
    try {
      await this.bucket.status();
      return false;
    } catch (error) {
      // Anything else is for the request's own error to say.
      return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
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
