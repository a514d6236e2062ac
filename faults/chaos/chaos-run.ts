import { join } from 'node:path';
import { RandomSource } from '@app/trade-model';
import { readTotals } from '../oracle/totals.js';
import { TradePoster } from '../oracle/trade-poster.js';
import type { ChaosOptions } from './chaos-options.js';
import { runRound, type RoundReport } from './chaos-round.js';
import { ChaosStage } from './chaos-stage.js';
import { OracleFile } from './oracle-file.js';
import { PostFeeders } from './post-feeders.js';

/** Random streams of one seed: when the posts change, the kills stay where they were. */
const STREAM = { kills: 0, posts: 1 } as const;

const POSTS = { stage: 'applied', maxBulkEvents: 80 } as const;

/**
 * Runs all rounds on one pair of apps, whose spools and state continue from round to round.
 * @returns the rounds; it ends early after one that broke a promise, and keeps its files for inspection
 */
export async function runChaos(
  { rounds, events, seed, keepsFolder }: ChaosOptions,
  onRound: (report: RoundReport, index: number) => void,
): Promise<RoundReport[]> {
  const stage = await ChaosStage.start();
  if (keepsFolder) stage.keepFolder();
  const poster = new TradePoster(stage.stack.publisherUrl);
  const oracle = new OracleFile(join(stage.folder.path, 'oracle-posts.txt'));
  const feeders = new PostFeeders(poster, oracle, new RandomSource(seed, STREAM.posts), POSTS);
  const random = new RandomSource(seed, STREAM.kills);
  const reports: RoundReport[] = [];
  try {
    let before = await readTotals(stage.stack.sidecarUrl);
    for (let index = 0; index < rounds; index += 1) {
      const report = await runRound(stage, feeders, random, { events: Math.ceil(events / rounds), before });
      reports.push(report);
      onRound(report, index);
      if (report.violations.length > 0) {
        stage.keepFolder();
        break;
      }
      before = report.after;
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
