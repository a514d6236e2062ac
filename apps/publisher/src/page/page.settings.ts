import type { DeliveryMode } from '@app/contracts';
import type { SocketPair } from '@app/zmq-transport';

/** What the page is told when it opens: how events travel, and where things are that it links to. */
export interface PageSettings {
  readonly delivery: DeliveryMode;
  readonly pair: SocketPair;
  /** The sidecar's own address, for links. */
  readonly sidecarUrl: string;
  /** Set when longer ranges can be asked for under `/prometheus/`. */
  readonly prometheusUrl?: string;
  readonly grafanaUrl?: string;
}
