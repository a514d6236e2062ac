import 'reflect-metadata';
import { runService } from '@app/service-kit';
import { AppModule } from './app.module.js';
import { sidecarConfig } from './config/sidecar.config.js';
import { setUpSidecar } from './sidecar.setup.js';
import { explainIntakeFailure } from './transport/intake.connector.js';

await runService({
  name: 'sidecar',
  module: AppModule,
  config: sidecarConfig,
  configure: setUpSidecar,
  explain: explainIntakeFailure,
});
