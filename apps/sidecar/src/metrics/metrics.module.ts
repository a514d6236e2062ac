import { Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';

/** `GET /metrics`, with the process's own metrics. Each feature brings its metrics as providers. */
@Module({ imports: [PrometheusModule.register({ path: '/metrics', defaultMetrics: { enabled: true } })] })
export class MetricsModule {}
