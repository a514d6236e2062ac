const { DefaultReporter } = require('@jest/reporters');

/** How often a log that nobody watches is told how far the tests are. */
const TOLD_EVERY_MS = 30_000;

/** Jest's own reporter, which shows failures and progress, without a line for each file that passed. */
module.exports = class QuietReporter extends DefaultReporter {
  #files = 0;
  #failed = 0;
  #toldMs = performance.now();
  #begunMs = performance.now();

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
