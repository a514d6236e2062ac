import { METRICS } from '@app/contracts';
import { opennessOf } from '@app/zmq-transport';
import { Logger, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { SidecarConfig } from '../config/sidecar.config.js';
import { RecorderModule } from '../recorder/recorder.module.js';
import { DeadLetterRing } from '../rejections/dead-letter.ring.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { LiveCounters } from './live.counters.js';
import { StateFile } from './state.file.js';
import { StateIndicator } from './state.indicator.js';
import { stateMetrics } from './state.metrics.js';
import { KEPT_FILE } from './state.tokens.js';
import { StateWriter } from './state.writer.js';
import { TradeLedger } from './trade.ledger.js';
import { TradeState } from './trade.state.js';

/**
 * Counts that outlive the process, with SIDECAR_STATE_DIR. They are put back while the application is made: before the
 * first event can come, and before anybody can ask for metrics.
 */
@Module({
  imports: [RecorderModule, RejectionsModule, TerminusModule],
  providers: [
    LiveCounters,
    {
      provide: KEPT_FILE,
      inject: [SidecarConfig],
      useFactory: async ({ SIDECAR_STATE_DIR: folder }: SidecarConfig) => {
        if (!folder) return undefined;
        const file = await StateFile.open(folder);
        const openness = opennessOf(folder);
        if (openness !== undefined) Logger.warn(`the state in ${folder} ${openness}`, StateModule.name);
        return file;
      },
    },
    {
      provide: TradeState,
      inject: [LiveCounters, DeadLetterRing, KEPT_FILE],
      useFactory: (live: LiveCounters, ring: DeadLetterRing, file: StateFile | undefined) => {
        const state = new TradeState(live, ring);
        if (file) state.restore(file.read());
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
    StateIndicator,
    ...stateMetrics,
  ],
  exports: [KEPT_FILE, StateIndicator, StateWriter, TradeLedger, TradeState],
})
export class StateModule {}
