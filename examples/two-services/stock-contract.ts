export interface Sale {
  readonly article: string;
  readonly pieces: number;
}

/** What both services import: a wrong payload on either side does not compile. */
export interface StockContract {
  events: { sold: Sale };
  requests: { left: { request: { article: string }; response: number } };
}
