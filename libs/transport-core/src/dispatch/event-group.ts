import type { MessageHandler, PacketMetadata } from '@nestjs/microservices';

/** Neighbouring events for the same batch handler, until it is called with them. */
export class EventGroup {
  private metadataOfEach: (PacketMetadata | undefined)[] | undefined;

  /**
   * @param key the pattern as it came, to be compared
   * @param first the place of its first event
   * @param data undefined when the values themselves are the data
   * @param isAlone whether no other handler wants its events
   */
  constructor(
    readonly handler: MessageHandler,
    readonly key: unknown,
    readonly pattern: string,
    readonly first: number,
    private readonly data: unknown[] | undefined,
    readonly isAlone: boolean,
  ) {}

  /** Whether it is but a range of the values. */
  get isRange(): boolean {
    return this.data === undefined;
  }

  /** Undefined when no event has any. */
  get metadata(): readonly (PacketMetadata | undefined)[] | undefined {
    return this.metadataOfEach;
  }

  push(data: unknown, metadata: PacketMetadata | undefined): void {
    if (metadata !== undefined) {
      this.metadataOfEach ??= this.data?.map(() => undefined);
    }
    this.data?.push(data);
    this.metadataOfEach?.push(metadata);
  }

  /** What its handler gets; the array of the values as it is where it is all of them. */
  dataOf(values: readonly unknown[], end: number): readonly unknown[] {
    const isWhole = this.first === 0 && end === values.length;
    return this.data ?? (isWhole ? values : values.slice(this.first, end));
  }
}
