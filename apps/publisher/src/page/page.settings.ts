/** What the page is told when it opens: where things are that it links to. */
export interface PageSettings {
  /** The sidecar's own address, for links. */
  readonly sidecarUrl: string;
  /** Set when longer ranges can be asked for under `/prometheus/`. */
  readonly prometheusUrl?: string;
  readonly grafanaUrl?: string;
}
