import { ExpositionModule } from '@app/service-kit';
import { Module } from '@nestjs/common';

/** `GET /metrics`, with the process's own metrics. Each feature brings its metrics as providers. */
@Module({ imports: [ExpositionModule] })
export class MetricsModule {}
