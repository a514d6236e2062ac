const { DefaultReporter } = require('@jest/reporters');

/** How often a log that nobody watches is told how far the tests are. */
const TOLD_EVERY_MS = 30_000;

/** What LMDB itself prints, past every log, while specs damage its files: nobody can act on it. */
const LMDB_PRINTS =
  /^(?:mdb_\w+: .*|mdb_\w+ .*error \d+|del failed, MDB_PROBLEM: .*|do_write error \d.*|Error: .*\n +at .*lmdb.write\.js:.*\n +code: -?\d+\n\})\n/gm;

/** zeromq.js warns of options for the next connection or address: new keys, and IPv6 beside IPv4, are set so on purpose. */
const ZEROMQ_WARNS =
  /^\(node:\d+\) Warning: Socket option will not take effect until next connect\/bind\.\n(?:\(Use `node --trace-warnings .*\n)?/gm;

/**
 * Workers' output reaches Jest's own process as text, and leaves it here.
 * @param {NodeJS.WriteStream} stream
 */
function leaveOutAddonsPrints(stream) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return write(text.replace(LMDB_PRINTS, '').replace(ZEROMQ_WARNS, ''), ...rest);
  };
}

/** Jest's own reporter, which shows failures and progress, without a line for each file that passed. */
module.exports = class QuietReporter extends DefaultReporter {
  #files = 0;
  #failed = 0;
  #toldMs = performance.now();
  #begunMs = performance.now();

  constructor(...options) {
    leaveOutAddonsPrints(process.stdout);
    leaveOutAddonsPrints(process.stderr);
    super(...options);
  }

  printTestFileHeader(path, config, result) {
    if (hasFailed(result)) super.printTestFileHeader(path, config, result);
  }

  onTestResult(test, result, totals) {
    super.onTestResult(test, result, totals);
    this.#files += 1;
    if (hasFailed(result)) this.#failed += 1;
    if (process.stderr.isTTY || performance.now() - this.#toldMs < TOLD_EVERY_MS) return;
    this.#toldMs = performance.now();
    const seconds = Math.round((this.#toldMs - this.#begunMs) / 1000);
    console.log(
      `  ${this.#files} of ${totals.numTotalTestSuites} files after ${seconds} s, ${this.#failed} failed`,
    );
  }
};

function hasFailed({ numFailingTests, testExecError }) {
  return numFailingTests > 0 || (testExecError !== undefined && testExecError !== null);
}
