import { guardHttp } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SidecarConfig } from './config/sidecar.config.js';
import { connectIntake } from './transport/intake.connector.js';

/** Who may ask this service, and then the intake of trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  const { HOST, ALLOWED_HOSTS } = app.get(SidecarConfig);
  guardHttp(app, { allowedHosts: [HOST, ...ALLOWED_HOSTS] });
  await connectIntake(app);
}
