/** What a single request asks of the transport. */
export interface ZmqRecordOptions {
  /** Longest wait for the final answer, in milliseconds; 0 waits for ever. @default the client's `requestTimeoutMs` */
  readonly timeoutMs?: number;
}

/** A payload with options for its own request. Build it with {@link ZmqRecordBuilder}. */
export class ZmqRecord<TData = unknown> {
  constructor(
    readonly data: TData,
    readonly options: ZmqRecordOptions = {},
  ) {}
}

/** `client.send('sum', new ZmqRecordBuilder([1, 2]).setTimeout(500).build())` */
export class ZmqRecordBuilder<TData> {
  private options: ZmqRecordOptions = {};

  constructor(private readonly data: TData) {}

  /** @param timeoutMs milliseconds; 0 waits for ever */
  setTimeout(timeoutMs: number): this {
    this.options = { ...this.options, timeoutMs };
    return this;
  }

  build(): ZmqRecord<TData> {
    return new ZmqRecord(this.data, this.options);
  }
}
