import { freePorts } from './free.ports.js';

/** Where one pair of apps is to listen. */
export interface StackAddresses {
  readonly publisherPort: number;
  readonly sidecarPort: number;
  readonly publisherUrl: string;
  readonly sidecarUrl: string;
  readonly zmqAddress: string;
}

/** Addresses of its own for a pair of apps, on ports the operating system chose. */
export async function chooseAddresses(): Promise<StackAddresses> {
  const [publisherPort = 0, sidecarPort = 0, zmqPort = 0] = await freePorts(3);
  return {
    publisherPort,
    sidecarPort,
    publisherUrl: `http://127.0.0.1:${publisherPort}`,
    sidecarUrl: `http://127.0.0.1:${sidecarPort}`,
    zmqAddress: `tcp://127.0.0.1:${zmqPort}`,
  };
}
