import { printable } from '@app/transport-core';
import { parseJson, PROTOCOL_VERSION, SESSION_BYTES } from './frames.js';

/** A client that wants its events acknowledged. */
export interface ProducerGreeting {
  /** Stays the same over restarts. */
  readonly id: string;
  readonly epoch: string;
  /** New in each process. */
  readonly instance: string;
  /** Everything up to this number was acknowledged. */
  readonly acked: number;
}

/** Why a server refuses a HELLO. */
export type RefusalCode = 'version' | 'producer_in_use' | 'too_many_producers' | 'busy' | 'malformed';

/** What a READY opens for a producer. */
export interface SessionGrant {
  readonly session: string;
  /** Everything up to this number is handled. */
  readonly acked: number;
  /** The server has received everything up to this number. */
  readonly received: number;
  /** Events that may be on their way beyond the last acknowledged one. */
  readonly window: number;
  readonly windowBytes: number;
}

/** What a HELLO says, as far as this version can read it. `maxMessageBytes` is the largest message the client takes. */
export type Greeting =
  | { readonly kind: 'plain'; readonly maxMessageBytes: number }
  | { readonly kind: 'producer'; readonly producer: ProducerGreeting; readonly maxMessageBytes: number }
  | { readonly kind: 'unreadable'; readonly code: RefusalCode; readonly reason: string };

/** The largest message, in bytes, that a client takes which names no other limit. */
export const USUAL_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A lower limit must be a mistake: nothing would get through. */
const MIN_LIMIT_BYTES = 256;
const MAX_NAME_LENGTH = 128;
/** Most characters of a refusal that are shown. */
const MAX_REFUSAL_LENGTH = 256;
const SESSION = new RegExp(`^[0-9a-f]{${SESSION_BYTES * 2}}$`);

export function encodeHello(producer: ProducerGreeting | undefined, maxMessageBytes?: number): string {
  return JSON.stringify({ version: PROTOCOL_VERSION, maxMessageBytes, producer });
}

export function decodeHello(frame: Buffer): Greeting {
  const hello = parseJson(frame);
  const version = isRecord(hello) ? hello['version'] : undefined;
  if (!isRecord(hello) || typeof version !== 'number') {
    return { kind: 'unreadable', code: 'malformed', reason: 'HELLO names no version' };
  }
  if (version !== PROTOCOL_VERSION) {
    const reason = `it speaks version ${version}, this server ${PROTOCOL_VERSION}`;
    return { kind: 'unreadable', code: 'version', reason };
  }
  const maxMessageBytes = limitIn(hello['maxMessageBytes']) ?? USUAL_MESSAGE_BYTES;
  const producer = hello['producer'];
  if (producer === undefined) {
    return { kind: 'plain', maxMessageBytes };
  }
  return isProducer(producer)
    ? { kind: 'producer', producer, maxMessageBytes }
    : { kind: 'unreadable', code: 'malformed', reason: 'HELLO names no valid producer' };
}

/** @param maxFrameBytes the largest payload that the server reads */
export function encodeReady(grant: SessionGrant | undefined, maxFrameBytes?: number): string {
  return JSON.stringify({ version: PROTOCOL_VERSION, maxFrameBytes, ...grant });
}

/** @returns undefined when the READY opens no session. */
export function decodeReady(frame: Buffer): SessionGrant | undefined {
  const ready = parseJson(frame);
  return isGrant(ready) ? ready : undefined;
}

/** @returns the largest payload that the server reads, in bytes; infinite when the READY names none. */
export function frameLimitOf(frame: Buffer): number {
  const ready = parseJson(frame);
  return (isRecord(ready) ? limitIn(ready['maxFrameBytes']) : undefined) ?? Number.POSITIVE_INFINITY;
}

function limitIn(value: unknown): number | undefined {
  return isSequence(value) && value >= MIN_LIMIT_BYTES ? value : undefined;
}

export function encodeRefused(code: RefusalCode, reason: string): string {
  return JSON.stringify({ version: PROTOCOL_VERSION, code, reason });
}

/** A server of version 1 names no code. Its text goes to logs and people, so it is made printable here. */
export function decodeRefused(frame: Buffer): { readonly code: string; readonly reason: string } {
  const refused = parseJson(frame.subarray(0, 4096));
  const { code, reason } = isRecord(refused) ? refused : {};
  return {
    code: typeof code === 'string' ? shown(code) : 'version',
    reason: typeof reason === 'string' ? shown(reason) : 'it gave no reason',
  };
}

function shown(text: string): string {
  return printable(text.slice(0, MAX_REFUSAL_LENGTH));
}

function isProducer(value: unknown): value is ProducerGreeting {
  return (
    isRecord(value) &&
    isName(value['id']) &&
    isName(value['epoch']) &&
    isName(value['instance']) &&
    isSequence(value['acked'])
  );
}

function isGrant(value: unknown): value is SessionGrant {
  return (
    isRecord(value) &&
    typeof value['session'] === 'string' &&
    SESSION.test(value['session']) &&
    isSequence(value['acked']) &&
    isSequence(value['received']) &&
    isSequence(value['window']) &&
    isSequence(value['windowBytes'])
  );
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH;
}

function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
