import type { TestProcess } from './child.process.js';
import type { ProcessScope } from './process.scope.js';
import type { StackAddresses } from './stack.addresses.js';
import { waitUntil } from './wait.until.js';

type Settings = Readonly<Record<string, string>>;

function startApp(scope: ProcessScope, app: string, settings: Settings): TestProcess {
  return scope.start(process.execPath, [`dist/apps/${app}/apps/${app}/src/main.js`], settings);
}

async function untilHealthy(app: TestProcess, url: string): Promise<void> {
  await waitUntil(`${url}/health to answer 200`, async () => {
    if (!app.isRunning) return 'ended';
    return (await fetch(`${url}/health`)).status === 200;
  });
  if (!app.isRunning) throw new Error(`ended before it was healthy:\n${app.stdout}${app.stderr}`);
}

/** Starts the built sidecar, and returns when it is healthy. */
export async function startSidecar(
  scope: ProcessScope,
  at: StackAddresses,
  settings: Settings = {},
): Promise<TestProcess> {
  const listen = { HOST: '127.0.0.1', PORT: String(at.sidecarPort), SIDECAR_ZMQ_BIND: at.zmqAddress };
  const sidecar = startApp(scope, 'sidecar', { ...listen, ...settings });
  await untilHealthy(sidecar, at.sidecarUrl);
  return sidecar;
}

/** Starts the built publisher, and returns when it is healthy; it does not need a sidecar for that. */
export async function startPublisher(
  scope: ProcessScope,
  at: StackAddresses,
  settings: Settings = {},
): Promise<TestProcess> {
  const listen = {
    HOST: '127.0.0.1',
    PORT: String(at.publisherPort),
    WEBAPP_ZMQ_ADDR: at.zmqAddress,
    SIDECAR_HTTP_URL: at.sidecarUrl,
  };
  const publisher = startApp(scope, 'publisher', { ...listen, ...settings });
  await untilHealthy(publisher, at.publisherUrl);
  return publisher;
}
