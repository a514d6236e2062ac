import type { BenchOptions } from './bench-options.js';
import { measureApplied } from './figures/applied-figure.js';
import type { CostSample } from './figures/cost.js';
import { measureEmit } from './figures/emit-figure.js';
import { FEEDS, measureIntake } from './figures/intake-figure.js';
import { measureLatency } from './figures/latency-figure.js';
import { measureMemory, type MemoryFigure } from './figures/memory-figure.js';
import { measureOneWay } from './figures/one-way-figure.js';
import { measurePosts } from './figures/post-figure.js';
import { CALLERS, measureRequests } from './figures/request-figure.js';
import { type ComparedFigure, FIGURE_PEERS, missingFor, PEER_LABELS } from './peers/peer-info.js';
import type { BenchReport, ByPeer, CostResult, Measured } from './report/bench-report.js';
import { judged } from './report/judge.js';
import { machine } from './report/machine.js';
import { spreadOf } from './report/spread.js';
import { alternate, type Runs } from './rounds.js';

const MEMORY_STEPS = 10;

function byPeer<Sample, Result>(
  runs: Runs<Sample>,
  sumUp: (samples: readonly Sample[]) => Result,
): ByPeer<Result> {
  return Object.fromEntries([...runs].map(([peer, samples]) => [peer, sumUp(samples)]));
}

function costOf(samples: readonly CostSample[]): CostResult {
  return {
    perSecond: spreadOf(samples.map((it) => it.perSecond)),
    cpuMicros: spreadOf(samples.map((it) => it.cpuMicros)),
  };
}

/** One run of the whole command: which peers, in which order, and the result of each. */
export class Comparison {
  private readonly left: Record<string, string> = {};

  /** @param progress called at each step, for people who wait */
  constructor(
    private readonly options: BenchOptions,
    private readonly progress: (text: string) => void,
  ) {}

  /** Measures the requested figures. */
  async run(): Promise<BenchReport> {
    const { rounds, warmUpSeconds, measureSeconds, figures } = this.options;
    const part = { machine: machine(), settings: { rounds, warmUpSeconds, measureSeconds } };
    const measured: Measured = {
      ...part,
      parts: Object.fromEntries(figures.map((figure) => [figure, part])),
      ...(figures.includes('intake') ? { intake: await this.intake() } : {}),
      ...(figures.includes('posts') ? { posts: await this.costs('posts', measurePosts) } : {}),
      ...(figures.includes('emit') ? { emit: await this.costs('emit', measureEmit) } : {}),
      ...(figures.includes('applied') ? { applied: await this.costs('applied', measureApplied) } : {}),
      ...(figures.includes('one-way') ? { oneWay: await this.oneWay() } : {}),
      ...(figures.includes('latency') ? { latency: await this.latency() } : {}),
      ...(figures.includes('requests') ? { requests: await this.requests() } : {}),
      ...(figures.includes('memory') ? { memory: await this.memory() } : {}),
      left: this.left,
    };
    return judged(measured);
  }

  private async intake(): Promise<NonNullable<BenchReport['intake']>> {
    const runs = await this.rounds('intake', (peer) => measureIntake(peer, this.options));
    return Object.fromEntries(
      FEEDS.map(({ name }, index) => [
        name,
        byPeer(runs, (all) => costOf(all.flatMap((run) => run.slice(index, index + 1)))),
      ]),
    );
  }

  private async costs(
    figure: ComparedFigure,
    measure: (peer: string, timing: BenchOptions) => Promise<CostSample>,
  ): Promise<ByPeer<CostResult>> {
    return byPeer(await this.rounds(figure, (peer) => measure(peer, this.options)), costOf);
  }

  private async oneWay(): Promise<NonNullable<BenchReport['oneWay']>> {
    const runs = await this.rounds('one-way', (peer) => measureOneWay(peer, this.options));
    return byPeer(runs, (samples) => ({
      eventsPerSecond: spreadOf(samples.map((it) => it.eventsPerSecond)),
      cpuSecondsPerMillion: spreadOf(samples.map((it) => it.cpuSecondsPerMillion)),
      lost: samples.reduce((sum, it) => sum + it.lost, 0),
    }));
  }

  private async latency(): Promise<NonNullable<BenchReport['latency']>> {
    const runs = await this.rounds('latency', (peer) => measureLatency(peer, this.options));
    return byPeer(runs, (samples) => ({
      p50: spreadOf(samples.map((it) => it.p50)),
      p99: spreadOf(samples.map((it) => it.p99)),
    }));
  }

  private async requests(): Promise<NonNullable<BenchReport['requests']>> {
    const runs = await this.rounds('requests', (peer) => measureRequests(peer, this.options));
    return Object.fromEntries(
      CALLERS.map(({ name }, index) => [
        name,
        byPeer(runs, (all) => {
          const samples = all.flatMap((run) => run.slice(index, index + 1));
          return {
            requestsPerSecond: spreadOf(samples.map((it) => it.requestsPerSecond)),
            cpuMicros: spreadOf(samples.map((it) => it.cpuMicros)),
            p50: spreadOf(samples.map((it) => it.p50)),
            p99: spreadOf(samples.map((it) => it.p99)),
          };
        }),
      ]),
    );
  }

  private memory(): Promise<MemoryFigure> {
    const { memoryEvents } = this.options;
    return measureMemory(memoryEvents, MEMORY_STEPS, ({ events }) =>
      this.progress(`memory: ${events} of ${memoryEvents} events`),
    );
  }

  private rounds<Sample>(
    figure: ComparedFigure,
    measure: (peer: string) => Promise<Sample>,
  ): Promise<Runs<Sample>> {
    const measureAloud = (peer: string, round: number): Promise<Sample> => {
      this.progress(`${figure}, round ${round + 1} of ${this.options.rounds}: ${PEER_LABELS[peer] ?? peer}`);
      return measure(peer);
    };
    return alternate(this.present(figure), this.options.rounds, measureAloud, (peer, why) => {
      this.left[peer] = `${figure}: ${why}`;
    });
  }

  private present(figure: ComparedFigure): string[] {
    return FIGURE_PEERS[figure].filter((peer) => {
      if (this.options.only !== undefined && !this.options.only.includes(peer)) return false;
      const why = missingFor(peer);
      if (why !== undefined) this.left[peer] = why;
      return why === undefined;
    });
  }
}
