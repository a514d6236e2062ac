/** Counts what ran, and tells it at the end in one plain line. */
export class Tally {
  #passed = 0;
  /** @type {string[]} */
  #failures = [];
  #failed = 0;
  /** @type {string[]} */
  #skipped = [];

  get hasFailed() {
    return this.#failed > 0;
  }

  /**
   * @param {string} name a check, or a step without which tests cannot run
   * @param {boolean} isGood
   */
  check(name, isGood) {
    if (isGood) this.#passed += 1;
    else this.#fail(name, 1);
  }

  /**
   * @param {string} name of the suite
   * @param {import('./jest-run.mjs').Outcome} outcome
   */
  suite(name, outcome) {
    this.#passed += outcome.passed;
    this.#skipped.push(...outcome.skipped);
    if (outcome.failed > 0) this.#fail(name, outcome.failed);
  }

  /**
   * @param {string} name
   * @param {number} count
   */
  #fail(name, count) {
    this.#failed += count;
    this.#failures.push(name);
  }

  /** Skipped tests by name, failed parts by name, and the closing count. */
  print() {
    if (this.#skipped.length > 0)
      console.log(`\nskipped:\n${this.#skipped.map((name) => `  ${name}`).join('\n')}`);
    if (this.#failures.length > 0) console.log(`\nfailed in: ${this.#failures.join(', ')}`);
    console.log(`\n${this.#passed} passed, ${this.#failed} failed, ${this.#skipped.length} skipped`);
  }
}
