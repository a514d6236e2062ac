import { type HistogramDefinition, type MetricDefinition, METRICS } from '@app/contracts';
import { BucketHistogram } from '@app/service-kit';
import { opennessOf } from '@app/zmq-transport';
import { Logger, Module, type Provider } from '@nestjs/common';
import {
  getToken,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import { Counter, type Gauge } from 'prom-client';
import { SidecarConfig } from '../config/sidecar.config.js';
import { ArrivalTimes } from './arrival-times.js';
import { ConfiguredCounts } from './configured-counts.js';
import { KEPT_FILE, StateFile } from './state/state-file.js';
import { StateSaver } from './state/state-saver.js';
import { StateWriter } from './state/state-writer.js';
import { BatchTurns, TradeLedger } from './state/trade-ledger.js';
import { HistogramRows, TradeState } from './state/trade-state.js';
import { PartitionCounts } from './partition-counts.js';
import { TradeCounts, WholeCounts } from './trade-counts.js';
import { TradeRecorder } from './trade-recorder.js';

/** Like the library's own provider, with its token, but with the histogram that counts by the batch. */
function makeBucketHistogramProvider(definition: HistogramDefinition): Provider {
  return {
    ...makeHistogramProvider(definition),
    useFactory: () => new BucketHistogram(definition),
  } as Provider;
}

/** A counter that carries the label `partition` where partitions are counted. */
function makeTradeCounterProvider(definition: MetricDefinition<'side'>): Provider {
  return {
    ...makeCounterProvider(definition),
    inject: [SidecarConfig],
    useFactory: ({ NATS_URL }: SidecarConfig) =>
      new Counter({
        ...definition,
        labelNames: NATS_URL === undefined ? definition.labelNames : [...definition.labelNames, 'partition'],
      }),
  } as Provider;
}

const metrics: Provider[] = [
  makeTradeCounterProvider(METRICS.tradesTotal),
  makeTradeCounterProvider(METRICS.volumeTotal),
  makeGaugeProvider(METRICS.lastTradeTimestamp),
  makeBucketHistogramProvider(METRICS.receiveLatency),
  makeBucketHistogramProvider(METRICS.interarrival),
  makeCounterProvider(METRICS.clockSkew),
  makeCounterProvider(METRICS.stateCommits),
  makeCounterProvider(METRICS.stateCommitFailures),
  makeGaugeProvider(METRICS.stateLastCommit),
];

/** Undefined without SIDECAR_STATE_DIR: nothing is kept then. */
async function openStateFile({ SIDECAR_STATE_DIR: folder }: SidecarConfig): Promise<StateFile | undefined> {
  if (!folder) return undefined;
  const file = await StateFile.open(folder);
  const openness = opennessOf(folder);
  if (openness !== undefined) Logger.warn(`the state in ${folder} ${openness}`, CountingModule.name);
  return file;
}

/**
 * Counts valid trades, and keeps the counts over a restart with SIDECAR_STATE_DIR. They are restored while the application
 * is created: before the first event comes in, and before anybody can ask for metrics.
 */
@Module({
  providers: [
    ArrivalTimes,
    ConfiguredCounts,
    {
      provide: PartitionCounts,
      inject: [ConfiguredCounts],
      useFactory: (configured: ConfiguredCounts) => new PartitionCounts(configured),
    },
    {
      provide: TradeCounts,
      inject: [SidecarConfig, PartitionCounts],
      useFactory: ({ NATS_URL }: SidecarConfig, partitions: PartitionCounts): TradeCounts =>
        NATS_URL === undefined ? new WholeCounts() : partitions,
    },
    TradeRecorder,
    { provide: KEPT_FILE, inject: [SidecarConfig], useFactory: openStateFile },
    {
      provide: TradeState,
      inject: [
        TradeRecorder,
        KEPT_FILE,
        getToken(METRICS.receiveLatency.name),
        getToken(METRICS.interarrival.name),
        ConfiguredCounts,
      ],
      useFactory: (
        recorder: TradeRecorder,
        file: StateFile | undefined,
        latency: BucketHistogram,
        interarrival: BucketHistogram,
        configured: ConfiguredCounts,
      ) => {
        const state = new TradeState(recorder, file?.read());
        const series = { latency: latency.only, interarrival: interarrival.only };
        state.includeRows(new HistogramRows('arrivals', series));
        state.includeRows(configured);
        return state;
      },
    },
    {
      provide: StateWriter,
      inject: [
        TradeState,
        KEPT_FILE,
        getToken(METRICS.stateCommits.name),
        getToken(METRICS.stateCommitFailures.name),
        getToken(METRICS.stateLastCommit.name),
      ],
      useFactory: (
        state: TradeState,
        file: StateFile | undefined,
        commits: Counter,
        failures: Counter,
        lastCommit: Gauge,
      ) => new StateWriter(state, file, { commits, failures, lastCommit }),
    },
    TradeLedger,
    BatchTurns,
    StateSaver,
    ...metrics,
  ],
  exports: [
    ArrivalTimes,
    BatchTurns,
    ConfiguredCounts,
    KEPT_FILE,
    PartitionCounts,
    StateSaver,
    StateWriter,
    TradeLedger,
    TradeRecorder,
    TradeState,
  ],
})
export class CountingModule {}
