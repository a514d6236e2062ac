import 'reflect-metadata';
import { runService } from '@app/service-kit';
import { AppModule, setUpSidecar } from './app.module.js';
import { sidecarConfig } from './config/sidecar.config.js';
import { explainIntakeFailure } from './intake/zmq-intake.js';

await runService({
  name: 'sidecar',
  module: AppModule,
  config: sidecarConfig,
  configure: setUpSidecar,
  explain: explainIntakeFailure,
});
