/**
 * zeromq.js keeps one event emitter on a prototype that the native addon shares among all specs of a worker, and
 * fills it from the sandbox of whichever spec asks first; the next spec would find that sandbox torn down.
 * Loading it here, outside any sandbox, gives it the worker's own modules.
 */
require('zeromq');
const { TestEnvironment } = require('jest-environment-node');

/**
 * lmdb's addon is shared likewise, and reports failed commits by the console of the first sandbox that loaded it: specs
 * get the worker's own lmdb (`jest.lmdb.cjs`).
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.workerModule = (name) => require(name);
  }
};
