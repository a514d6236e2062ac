import { apiToken, guardHttp, limitRate, requireToken } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SidecarConfig } from './config/sidecar.config.js';
import { connectIntake } from './transport/intake.connector.js';

/** Who may ask this service, and then the intake of trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  const config = app.get(SidecarConfig);
  guardHttp(app, { allowedHosts: [config.HOST, ...config.ALLOWED_HOSTS] });
  requireToken(app, { token: apiToken(config), readingOf: ['/dead-letters'] });
  await limitRate(app, { perSecond: config.HTTP_RATE_LIMIT });
  await connectIntake(app);
}
