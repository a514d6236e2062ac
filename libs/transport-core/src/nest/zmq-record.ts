import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import type { EmitStage } from '../options.js';
import { timerMs } from '../whole-number.js';

/** Options of a single request or event. */
export interface ZmqRecordOptions {
  /** Longest wait for the final answer, in milliseconds; 0 waits for ever. @default the client's `requestTimeoutMs` */
  readonly timeoutMs?: number;
  /** Event: when the observable of its `emit` completes. @default the client's `emitResolves` */
  readonly resolves?: EmitStage;
}

/** A payload with its own options. Build it with {@link ZmqRecordBuilder}. @throws InvalidOptionsError */
export class ZmqRecord<TData = unknown> {
  constructor(
    readonly data: TData,
    readonly options: ZmqRecordOptions = {},
  ) {
    if (options.timeoutMs !== undefined) timerMs('timeoutMs', options.timeoutMs);
  }
}

/**
 * `client.send('sum', new ZmqRecordBuilder([1, 2]).setTimeout(500).build())`,
 * `client.emit('trade', new ZmqRecordBuilder(trade).setResolves('applied').build())`
 */
export class ZmqRecordBuilder<TData> {
  private options: ZmqRecordOptions = {};

  constructor(private readonly data: TData) {}

  /** @param timeoutMs milliseconds; 0 waits for ever */
  setTimeout(timeoutMs: number): this {
    this.options = { ...this.options, timeoutMs };
    return this;
  }

  /** For `emit`: when its observable completes. */
  setResolves(resolves: EmitStage): this {
    this.options = { ...this.options, resolves };
    return this;
  }

  build(): ZmqRecord<TData> {
    return new ZmqRecord(this.data, this.options);
  }
}

/** Nest 12 makes packets, and lets a hook put metadata into them. Nest 11 has neither. */
export const packetOf: (client: ClientProxy, pattern: unknown, data: unknown) => ReadPacket =
  'createPacket' in ClientProxy.prototype
    ? (client, pattern, data) => client['createPacket'](pattern, data)
    : (_client, pattern, data) => ({ pattern, data });
