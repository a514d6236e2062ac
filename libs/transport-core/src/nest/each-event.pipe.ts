import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';

/** Told of each event of a batch that the inner pipe refused. Must not throw. */
export type OnRefused = (error: unknown, event: unknown) => void;

/**
 * Runs a pipe on each event of a batch: what it refuses is taken out and reported, the rest goes on.
 * `@BatchEventPattern('trade') onTrades(@Payload(new EachEventPipe(pipe, refused)) trades: Trade[])`
 */
export class EachEventPipe implements PipeTransform<unknown, Promise<unknown[]>> {
  constructor(
    private readonly pipe: PipeTransform,
    private readonly onRefused: OnRefused,
  ) {}

  async transform(events: unknown, metadata: ArgumentMetadata): Promise<unknown[]> {
    const kept: unknown[] = [];
    for (const event of Array.isArray(events) ? (events as unknown[]) : [events]) {
      try {
        const result = this.pipe.transform(event, metadata) as unknown;
        // Awaiting each plain result would cost a turn of the microtask queue for every event.
        kept.push(result instanceof Promise ? await result : result);
      } catch (error) {
        this.onRefused(error, event);
      }
    }
    return kept;
  }
}
