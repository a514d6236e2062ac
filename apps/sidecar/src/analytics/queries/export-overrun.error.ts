/** Thrown while trades are exported: rows were overwritten before the reader came to them. The download is cut off. */
export class ExportOverrunError extends Error {
  readonly code = 'ERR_EXPORT_OVERRUN';

  constructor(rows: number) {
    super(`${rows} rows were overwritten before they were read`);
    this.name = 'ExportOverrunError';
  }
}
