import type { MetricDefinition } from './metric-definition.js';

/** What the sidecar says about the state that it keeps in SIDECAR_STATE_DIR. */
export const stateMetrics = {
  stateCommits: {
    name: 'trading_state_commits_total',
    help: 'Times the kept state was written to disk; 0 without SIDECAR_STATE_DIR.',
    labelNames: [],
  } satisfies MetricDefinition,
  stateCommitFailures: {
    name: 'trading_state_commit_failures_total',
    help: 'Times the kept state could not be written to disk.',
    labelNames: [],
  } satisfies MetricDefinition,
  stateLastCommit: {
    name: 'trading_state_last_commit_timestamp_seconds',
    help: 'When the kept state was last written to disk by this process, in unix epoch seconds; 0 before.',
    labelNames: [],
  } satisfies MetricDefinition,
  snapshotAge: {
    name: 'trading_snapshot_age_seconds',
    help: 'Age of the newest snapshot of windows, quantiles and prices, by this process or the one before; NaN without one.',
    labelNames: [],
  } satisfies MetricDefinition,
  snapshotsDiscarded: {
    name: 'trading_snapshots_discarded_total',
    help: 'Snapshots that this process found and could not use: windows, quantiles and prices began empty.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
};
