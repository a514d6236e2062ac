import { runService } from '@app/service-kit';
import { AppModule, setUpPublisher } from './app.module.js';
import { publisherConfig } from './config/publisher.config.js';

await runService({
  name: 'publisher',
  module: AppModule,
  config: publisherConfig,
  configure: setUpPublisher,
});
