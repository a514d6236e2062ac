import { Module } from '@nestjs/common';
import { analyticsParts } from './analytics.parts.js';
import { tradeMetrics } from './metric.catalogue.js';

/** Live statistics of what was applied, as metrics. */
@Module(analyticsParts(tradeMetrics))
export class AnalyticsModule {}
