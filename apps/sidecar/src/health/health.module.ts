import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TransportModule } from '../transport/transport.module.js';
import { HealthController } from './health.controller.js';

/** `GET /health`. */
@Module({ imports: [TerminusModule, TransportModule], controllers: [HealthController] })
export class HealthModule {}
