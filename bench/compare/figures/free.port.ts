import { createServer } from 'node:net';

/** A port of the loopback that nobody listens on now. Brokers cannot be asked which one the system gave them. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('the probe has no port')),
      );
    });
  });
}
