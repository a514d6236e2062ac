import { guardHttp, HttpGate } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connectIntake } from './transport/intake.connector.js';

/** Who may ask this service, and then the intake of trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  guardHttp(app, app.get(HttpGate), {
    secret: ['/dead-letters'],
    costly: ['/dead-letters', '/analytics'],
  });
  await connectIntake(app);
}
