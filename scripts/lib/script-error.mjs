/** A failure that one line explains: it is shown without a stack, and the script exits with `exitCode`. */
export class ScriptError extends Error {
  /**
   * @param {string} message the whole line; empty when the failed program has already said why
   * @param {number} exitCode never 0
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'ScriptError';
    this.exitCode = exitCode;
  }
}

/**
 * Runs a script's body and turns its failure into one line and an exit code.
 * @param {() => Promise<number | void>} body resolves to the exit code, 0 when it gives none
 * @returns {Promise<void>}
 */
export async function runScript(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    if (error.message !== '') console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
