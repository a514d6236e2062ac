import { runService } from '@app/service-kit';
import { AppModule } from './app.module.js';
import { publisherConfig } from './config/publisher.config.js';
import { setUpPublisher } from './http/http.setup.js';

await runService({
  name: 'publisher',
  module: AppModule,
  config: publisherConfig,
  configure: setUpPublisher,
});
