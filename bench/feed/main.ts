import { once } from 'node:events';
import { LoadUsageError } from '../load/options/option-values.js';
import { readCurveKeys, readToken, trustCertificates } from '../load/secret-files.js';
import { PublisherSink } from './deliver/publisher-sink.js';
import { TapeRecorder } from './deliver/tape-recorder.js';
import type { TradeSink } from './deliver/trade-sink.js';
import { ZmqSink } from './deliver/zmq-sink.js';
import { type FeedOptions, type FeedTarget, parseFeedOptions } from './feed-options.js';
import { Feed } from './feed-run.js';

const EXIT = { failed: 1, usage: 64 } as const;

/** @throws {LoadUsageError} for files or addresses that cannot be used */
function sinkFor(target: FeedTarget): TradeSink {
  if (target.kind === 'http') {
    return new PublisherSink(
      target.url,
      target.tokenFile === undefined ? undefined : readToken(target.tokenFile),
    );
  }
  const keys = target.keys && readCurveKeys(target.keys);
  try {
    return new ZmqSink(target.address, keys);
  } catch (error) {
    throw new LoadUsageError(`--connect: ${target.address} cannot be used`, { cause: error });
  }
}

async function execute(options: FeedOptions, stop: AbortSignal): Promise<number> {
  const { exchange, symbols, from, target, capacity, durationSeconds, drainSeconds } = options;
  if (options.caFile !== undefined) trustCertificates(options.caFile);
  const sink = sinkFor(target);
  const recorder =
    options.recordFile === undefined ? undefined : await TapeRecorder.create(options.recordFile);
  const feed = new Feed({
    exchange,
    symbols,
    from,
    sink,
    capacity,
    recorder,
    say: (line) => console.log(line),
  });
  const enough = new AbortController();
  const timer =
    durationSeconds === undefined ? undefined : setTimeout(() => enough.abort(), durationSeconds * 1000);
  const end = AbortSignal.any([stop, feed.failed, enough.signal]);
  feed.open();
  if (!end.aborted) await once(end, 'abort');
  clearTimeout(timer);
  const isWhole = await feed.finish(drainSeconds * 1000);
  if (feed.failed.aborted) throw feed.failed.reason;
  return isWhole ? 0 : EXIT.failed;
}

/**
 * `npm run feed`: the trades of an exchange, until `stop` fires, the time is over or nothing can be delivered.
 * @returns the exit code: 0 when every trade that came was accepted, 1 otherwise, 64 for a wrong command line
 */
export async function runFeed(given: Readonly<Record<string, string>>, stop: AbortSignal): Promise<number> {
  try {
    return await execute(parseFeedOptions(new Map(Object.entries(given))), stop);
  } catch (error) {
    const isUsage = error instanceof LoadUsageError;
    const hint = isUsage ? ' (--help shows all options)' : '';
    console.error(`feed: ${error instanceof Error ? error.message : String(error)}${hint}`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}
