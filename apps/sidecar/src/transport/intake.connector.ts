import { BindFailedError, ZmqServer } from '@app/zmq-transport';
import type { INestApplication } from '@nestjs/common';

/**
 * Makes the application take trades, and resolves when it does. It runs before HTTP listens, so that a sidecar that
 * answers at all can also count.
 *
 * @throws BindFailedError when an address is taken.
 */
export async function connectIntake(app: INestApplication): Promise<void> {
  // Without the pipes and filters of HTTP: they would run for each batch, and trades have a check of their own.
  app.connectMicroservice({ strategy: app.get(ZmqServer) }, { inheritAppConfig: false });
  await app.startAllMicroservices();
}

/** One line for an address that cannot be bound; undefined for any other error. */
export function explainIntakeFailure(error: unknown): string | undefined {
  if (!(error instanceof BindFailedError)) return undefined;
  return error.reason === 'EADDRINUSE'
    ? `ZeroMQ address ${error.address} is already in use; set SIDECAR_ZMQ_BIND to another`
    : `ZeroMQ ${error.message}; set SIDECAR_ZMQ_BIND to an address of this machine`;
}
