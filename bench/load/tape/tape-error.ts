/** A tape that cannot be replayed: its message names the file, and each bad row by its line. */
export class TapeError extends Error {
  readonly code = 'ERR_LOAD_TAPE';
}
