import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { StateModule } from '../state/state.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { HealthController } from './health.controller.js';

/** `GET /health`, and what is below it. */
@Module({ imports: [StateModule, TerminusModule, TransportModule], controllers: [HealthController] })
export class HealthModule {}
