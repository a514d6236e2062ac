/** What the direct producer is started with, as JSON in its first argument. */
export interface DirectSettings {
  readonly address: string;
  readonly spoolDirectory: string;
  readonly oracleFile: string;
  readonly firstNumber: number;
}

/** What it is told: to emit so many events, or to say where it stands. */
export type DirectCommand = { readonly emit: number } | { readonly report: true };

/** Where it stands. */
export interface DirectReport {
  /** Events that it was told to emit and that are not accepted yet. */
  readonly open: number;
  /** Events in its spool. */
  readonly unacknowledged: number;
}

/** What it says: that it runs, that so many more were accepted, or where it stands. */
export type DirectMessage = { readonly ready: true } | { readonly accepted: number } | DirectReport;
