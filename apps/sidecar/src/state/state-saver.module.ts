import { Module } from '@nestjs/common';
import { TransportModule } from '../transport/transport.module.js';
import { StateModule } from './state.module.js';
import { StateSaver } from './state.saver.js';

/** Apart from the state, which the transport is made with: the saver asks the transport for a moment between batches. */
@Module({ imports: [StateModule, TransportModule], providers: [StateSaver], exports: [StateSaver] })
export class StateSaverModule {}
