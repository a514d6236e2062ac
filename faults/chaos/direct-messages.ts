/** Settings of the direct producer, as JSON in its first argument. */
export interface DirectSettings {
  readonly address: string;
  readonly spoolDirectory: string;
  readonly oracleFile: string;
  readonly firstNumber: number;
}

/** Commands to it: emit this many events, or report where it stands. */
export type DirectCommand = { readonly emit: number } | { readonly report: true };

/** Where it stands. */
export interface DirectReport {
  /** Events that it was asked to emit and that are not accepted yet. */
  readonly open: number;
  /** Events in its spool. */
  readonly unacknowledged: number;
}

/** Its messages: that it runs, that this many more were accepted, or where it stands. */
export type DirectMessage = { readonly ready: true } | { readonly accepted: number } | DirectReport;
