import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomSource } from '@app/trade-model';
import { scrape } from '../../../testing/samples.js';
import { TradePoster } from '../../oracle/trade-poster.js';
import type { ChaosOptions } from '../chaos-options.js';
import { NotSettledError } from '../chaos-round.js';
import { OracleFile } from '../oracle-file.js';
import { PostFeeders } from '../post-feeders.js';
import { roundBook } from '../round-book.js';
import { checkCounts, type RoundVerdict } from '../round-check.js';
import { BrokerStage } from './broker-stage.js';
import { SIDECARS, strike, STRIKES, type Strike } from './broker-strike.js';
import { countedBetween, type PartitionTotals, readPartitions } from './partition-totals.js';

/** Random streams of one seed: when the posts change, the strikes stay where they were. */
const STREAM = { strikes: 0, posts: 1 } as const;
const SINGLE_SHARE = 0.1;
const MAX_BULK_EVENTS = 400;
/** While a strike takes longer than the load. */
const TRICKLE = { single: 40, bulk: 0 };
const POLL_MS = 50;
const SETTLE_TIMEOUT_MS = 60_000;

/** The outcome of one round. */
export interface BrokerReport extends RoundVerdict {
  readonly strike: Strike;
  /** Share of the round's events that were accepted before it. */
  readonly struckAtShare: number;
  readonly accepted: number;
}

/** What publisher and broker still keep, in events and messages. */
async function kept({ publisherUrl, sidecars }: BrokerStage): Promise<number> {
  const spooled = (await scrape(`${publisherUrl}/metrics`)).get('trading_spool_events') ?? Number.NaN;
  const waiting = await Promise.all(
    sidecars.map(async ({ url }) => {
      const samples = [...(await scrape(`${url}/metrics/`))];
      const pending = samples.filter(([sample]) => sample.startsWith('trading_broker_pending{'));
      return pending.length === 0 ? Number.NaN : pending.reduce((sum, [, value]) => sum + value, 0);
    }),
  );
  return waiting.reduce((sum, value) => sum + value, spooled);
}

/** Waits until nothing is kept and no count changes any more. @throws NotSettledError */
async function settle(stage: BrokerStage): Promise<PartitionTotals> {
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
  for (let before = ''; ;) {
    const left = await kept(stage);
    const totals = await readPartitions(stage.sidecars);
    const text = JSON.stringify([...totals]);
    if (left === 0 && text === before) return totals;
    before = text;
    if (performance.now() > deadlineMs)
      throw new NotSettledError(
        `after ${SETTLE_TIMEOUT_MS / 1000} s publisher and broker still keep ${left} events and messages`,
      );
    await sleep(POLL_MS);
  }
}

/**
 * Runs all rounds on one broker. Each kind of strike comes once before one comes again.
 * @returns the rounds; it ends early after one that broke a promise, and keeps its files for inspection
 */
export async function runBrokerChaos(
  { rounds, events, seed, keepsFolder }: ChaosOptions,
  onRound: (report: BrokerReport, index: number) => void,
): Promise<BrokerReport[]> {
  const stage = await BrokerStage.start(SIDECARS);
  if (keepsFolder) stage.keepFolder();
  const poster = new TradePoster(stage.publisherUrl);
  const oracle = new OracleFile(join(stage.folder.path, 'oracle-posts.txt'));
  const posts = { stage: 'stored', maxBulkEvents: MAX_BULK_EVENTS } as const;
  const feeders = new PostFeeders(poster, oracle, new RandomSource(seed, STREAM.posts), posts);
  const random = new RandomSource(seed, STREAM.strikes);
  const reports: BrokerReport[] = [];
  try {
    let before = await settle(stage);
    for (let index = 0; index < rounds; index += 1) {
      const kind = STRIKES[index % STRIKES.length] ?? 'sidecar';
      const struckAtShare = 0.1 + 0.6 * random.uniform();
      await feedAndStrike({
        stage,
        feeders,
        random,
        kind,
        struckAtShare,
        events: Math.ceil(events / rounds),
      });
      const after = await settle(stage);
      const book = roundBook(feeders.takeEntries(), []);
      const verdict = checkCounts(book, countedBetween(before, after));
      const report = { strike: kind, struckAtShare, accepted: book.accepted.size, ...verdict };
      before = after;
      reports.push(report);
      onRound(report, index);
      if (report.violations.length > 0) {
        stage.keepFolder();
        break;
      }
    }
  } catch (error) {
    stage.keepFolder();
    throw error;
  } finally {
    poster.close();
    oracle.close();
    await stage.close();
  }
  return reports;
}

interface Round {
  readonly stage: BrokerStage;
  readonly feeders: PostFeeders;
  readonly random: RandomSource;
  readonly kind: Strike;
  readonly struckAtShare: number;
  readonly events: number;
}

/** Load until enough events are accepted, and a little of it until the strike is over. */
async function feedAndStrike({ stage, feeders, random, kind, struckAtShare, events }: Round): Promise<void> {
  const single = Math.round(events * SINGLE_SHARE);
  let accepted = 0;
  const moment = new Promise<void>((resolve) => {
    feeders.onAccepted = (more) => {
      accepted += more;
      if (accepted >= struckAtShare * events) resolve();
    };
  });
  const over = new AbortController();
  const striking = moment.then(() => strike(stage, kind, random)).finally(() => over.abort());
  const feeding = async (): Promise<void> => {
    await feeders.feed({ single, bulk: events - single });
    while (!over.signal.aborted) {
      await feeders.feed(TRICKLE);
      await sleep(POLL_MS);
    }
  };
  await Promise.all([feeding(), striking]);
}
