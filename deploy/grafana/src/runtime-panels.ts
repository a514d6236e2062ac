import { NODE_METRICS } from './node-metrics.js';
import type { PanelDefinition } from './panel-definition.js';

// Each process has its own curve: sums and means over processes would hide the one that suffers.
const LEGEND = '{{job}} {{instance}}';
const MIB = 1024 * 1024;

/** The event loop is sampled every 10 ms, and prom-client counts that pause as delay: it is taken off again. */
const withoutSamplingPause = (metric: string): string => `clamp_min(${metric} - 0.01, 0)`;

/** Uptime, CPU, event loop. */
export const processPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Uptime',
    description: 'Time since the process started. An orange line in the graphs marks each restart.',
    unit: 's',
    width: 12,
    queries: [{ expr: `time() - ${NODE_METRICS.startTime}`, legend: LEGEND, expected: [20, 120] }],
  },
  {
    kind: 'number',
    title: 'Open files and sockets',
    description: 'Open file descriptors. A number that only grows is a leak.',
    unit: 'locale',
    width: 12,
    queries: [{ expr: NODE_METRICS.openFiles, legend: LEGEND, expected: [10, 500] }],
  },
  {
    kind: 'graph',
    title: 'CPU',
    description: 'Share of one CPU core. JavaScript runs on one core: near 100 % the app is at its limit.',
    unit: 'percentunit',
    width: 12,
    queries: [
      { expr: `rate(${NODE_METRICS.cpu}[$__rate_interval])`, legend: LEGEND, expected: [0.001, 1.5] },
    ],
  },
  {
    kind: 'graph',
    title: 'Event loop delay',
    description:
      'How late timers fire, between two scrapes. While the event loop is busy, posts and events wait that long.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: withoutSamplingPause(NODE_METRICS.eventLoopDelayP99),
        legend: `${LEGEND}, p99`,
        expected: [0, 0.5],
      },
      {
        expr: withoutSamplingPause(NODE_METRICS.eventLoopDelayMax),
        legend: `${LEGEND}, max`,
        expected: [0, 1],
      },
    ],
  },
];

/** Memory, and the time that garbage collection takes. */
export const memoryPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Resident memory',
    description: 'Resident set of the process: heap, buffers, code and ZeroMQ.',
    unit: 'bytes',
    width: 8,
    queries: [{ expr: NODE_METRICS.residentBytes, legend: LEGEND, expected: [50 * MIB, 512 * MIB] }],
  },
  {
    kind: 'graph',
    title: 'JavaScript heap',
    description:
      'JavaScript objects. It rises, and falls with each garbage collection; a floor that rises is a leak.',
    unit: 'bytes',
    width: 8,
    queries: [
      { expr: NODE_METRICS.heapUsedBytes, legend: `${LEGEND}, used`, expected: [10 * MIB, 300 * MIB] },
      { expr: NODE_METRICS.heapTotalBytes, legend: `${LEGEND}, reserved`, expected: [10 * MIB, 400 * MIB] },
    ],
  },
  {
    kind: 'graph',
    title: 'Garbage collection',
    description: 'Share of the time that garbage collection takes. JavaScript stands still meanwhile.',
    unit: 'percentunit',
    width: 8,
    queries: [
      {
        expr: `sum by (job, instance) (rate(${NODE_METRICS.gcDuration}_sum[$__rate_interval]))`,
        legend: LEGEND,
        expected: [0, 0.2],
      },
    ],
  },
];
