import { setTimeout as sleep } from 'node:timers/promises';
import type { LabBench } from './lab-bench.js';

/** How long a pause or a cut lasts. */
const DISTURBED_MS = 3_000;
/** Time for events to wait in the publisher before it is killed. */
const CUT_BEFORE_KILL_MS = 1_500;
/** How long a killed process stays away before it is started again. */
const AWAY_MS = 1_000;

/** Something that goes wrong while the load runs. */
export interface Disturbance {
  readonly name: string;
  /** For the table's legend. */
  readonly description: string;
  /**
   * Causes the disturbance, and returns when everything runs again.
   * @returns when it was over (for a kill: when the process was started again), unix epoch seconds; undefined when
   * nothing happened
   */
  readonly happen: (bench: LabBench) => Promise<number | undefined>;
}

const now = (): number => Date.now() / 1000;

/** What can go wrong, in the order of the table. */
export const DISTURBANCES: readonly Disturbance[] = [
  { name: 'none', description: 'nothing', happen: () => Promise.resolve(undefined) },
  {
    name: 'sidecar-paused',
    description: 'the sidecar is stopped for 3 s (SIGSTOP), and goes on',
    happen: async ({ stack }) => {
      stack.app('sidecar').signal('SIGSTOP');
      await sleep(DISTURBED_MS);
      stack.app('sidecar').signal('SIGCONT');
      return now();
    },
  },
  {
    name: 'sidecar-killed',
    description: 'the sidecar is killed (SIGKILL), and started again after 1 s',
    happen: async (bench) => {
      await bench.killSidecar();
      await sleep(AWAY_MS);
      const overAt = now();
      await bench.stack.startSidecar();
      return overAt;
    },
  },
  {
    name: 'publisher-killed',
    description: 'the publisher is killed (SIGKILL), and started again after 1 s',
    happen: async (bench) => {
      await bench.stack.app('publisher').kill();
      await sleep(AWAY_MS);
      const overAt = now();
      await bench.startPublisher();
      return overAt;
    },
  },
  {
    name: 'link-cut',
    description: 'connections are reset in both directions, and each new one, for 3 s',
    happen: async ({ link }) => {
      link.cut();
      await sleep(DISTURBED_MS);
      link.restore();
      return now();
    },
  },
  {
    name: 'link-silent',
    description: 'for 3 s the link swallows what is sent, and tells neither side; then connections are reset',
    happen: async ({ link }) => {
      link.swallow();
      await sleep(DISTURBED_MS);
      link.restore();
      return now();
    },
  },
  {
    name: 'link-cut+publisher-killed',
    description: 'the link is cut, the publisher is killed 1.5 s later, and both are back 1 s after that',
    happen: async (bench) => {
      bench.link.cut();
      await sleep(CUT_BEFORE_KILL_MS);
      await bench.stack.app('publisher').kill();
      await sleep(AWAY_MS);
      bench.link.restore();
      const overAt = now();
      await bench.startPublisher();
      return overAt;
    },
  },
];
