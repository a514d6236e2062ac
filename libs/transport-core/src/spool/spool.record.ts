import { crc32 } from 'node:zlib';
import type { SpooledBatch } from './spool.js';

/** What a spool knows of itself. */
export interface SpoolMeta {
  /** Version of the format of everything in the folder. */
  readonly format: number;
  readonly epoch: string;
  /** No number from here on was ever given to an event. */
  readonly unusedFrom: number;
}

/*
 * checksum u32 | kind u32 (0 bytes, 1 text) | first f64 | count u32 | 0 u32 | bytes f64 | acceptedAtSeconds f64 | payload
 * All little-endian. The checksum (CRC-32) covers all that follows it, so that a record under the wrong key, cut or
 * changed, is told from a good one.
 */
const HEADER_BYTES = 40;
const TEXT = 1;

/** One batch as it lies on the disk: a header of fixed size, then the payload as it goes over the wire. */
export function encodeRecord(batch: SpooledBatch): Buffer {
  const { payload } = batch;
  const isText = typeof payload === 'string';
  const size = isText ? Buffer.byteLength(payload) : payload.byteLength;
  const record = Buffer.allocUnsafe(HEADER_BYTES + size);
  record.writeUInt32LE(isText ? TEXT : 0, 4);
  record.writeDoubleLE(batch.first, 8);
  record.writeUInt32LE(batch.count, 16);
  record.writeUInt32LE(0, 20);
  record.writeDoubleLE(batch.bytes, 24);
  record.writeDoubleLE(batch.acceptedAtSeconds, 32);
  if (isText) {
    record.write(payload, HEADER_BYTES);
  } else {
    record.set(payload, HEADER_BYTES);
  }
  record.writeUInt32LE(crc32(record.subarray(4)), 0);
  return record;
}

/** @returns the batch, or undefined when the record is not what was written under this number. */
export function decodeRecord(first: number, record: Buffer): SpooledBatch | undefined {
  if (
    record.length < HEADER_BYTES ||
    record.readUInt32LE(0) !== crc32(record.subarray(4)) ||
    record.readDoubleLE(8) !== first
  ) {
    return undefined;
  }
  const payload = record.subarray(HEADER_BYTES);
  return {
    first,
    count: record.readUInt32LE(16),
    payload: record.readUInt32LE(4) === TEXT ? payload.toString() : payload,
    bytes: record.readDoubleLE(24),
    acceptedAtSeconds: record.readDoubleLE(32),
  };
}

/** A checksum, then JSON: later formats must begin like this too, so that their version can be told. */
export function encodeMeta(meta: SpoolMeta): Buffer {
  const text = Buffer.from(`    ${JSON.stringify(meta)}`);
  text.writeUInt32LE(crc32(text.subarray(4)), 0);
  return text;
}

/** @throws Error when the record is not what was written. */
export function decodeMeta(record: Buffer): SpoolMeta {
  const text = record.subarray(4);
  if (record.length < 4 || record.readUInt32LE(0) !== crc32(text)) {
    throw new Error('its first record does not agree with its checksum');
  }
  return JSON.parse(text.toString()) as SpoolMeta;
}
