import { freePorts } from '../../testing/ports.js';
import type { ProgramScope } from '../../testing/program.js';
import type { StackAddresses } from '../../testing/stack.js';

/** Starts the project's Prometheus on the machine's program, scraping both apps; resolves with its address once it is ready. */
export async function startPrometheus(scope: ProgramScope, at: StackAddresses): Promise<string> {
  const [port = 0] = await freePorts(1);
  const prometheus = scope.start(process.execPath, ['scripts/infra-native.mjs'], {
    PROMETHEUS_PORT: String(port),
    PUBLISHER_URL: at.publisherUrl,
    SIDECAR_URL: at.sidecarUrl,
  });
  await prometheus.waitForOutput(/Prometheus is ready/);
  return `http://127.0.0.1:${port}`;
}
