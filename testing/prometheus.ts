import { freePorts } from './ports.js';
import type { ProgramScope } from './program.js';

/** What Prometheus is to scrape. */
export interface ScrapedUrls {
  readonly publisherUrl: string;
  /** Several with commas between them. */
  readonly sidecarUrl: string;
}

/** Starts the project's Prometheus on the machine's program; resolves with its address once it is ready. */
export async function startPrometheus(scope: ProgramScope, at: ScrapedUrls): Promise<string> {
  const [port = 0] = await freePorts(1);
  const prometheus = scope.start(process.execPath, ['scripts/infra-native.mjs'], {
    PROMETHEUS_PORT: String(port),
    PUBLISHER_URL: at.publisherUrl,
    SIDECAR_URL: at.sidecarUrl,
  });
  await prometheus.waitForOutput(/Prometheus is ready/);
  return `http://127.0.0.1:${port}`;
}
