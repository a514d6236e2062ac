/**
 * zeromq.js keeps one event emitter on a prototype that the native addon shares among all specs of a worker, and
 * fills it from the sandbox of whichever spec asks first; the next spec would find that sandbox torn down.
 * Loading it here, outside any sandbox, gives it the worker's own modules.
 */
require('zeromq');
const asyncHooks = require('node:async_hooks');
const perfHooks = require('node:perf_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * What a spec's sandbox has registered with Node itself, and nobody ends. Node keeps it for the life of the process:
 * - prom-client's observer of garbage collection keeps the whole sandbox, 20 MB for each app that a spec starts;
 * - jest-circus makes an AsyncLocalStorage for each file, and Node writes a property for every one of them on every
 *   promise: after 150 files, a promise takes 35 KB.
 */
const registrations = new Set();

perfHooks.PerformanceObserver = class extends perfHooks.PerformanceObserver {
  constructor(callback) {
    super(callback);
    registrations.add(() => this.disconnect());
  }
};

class EndedStorage extends asyncHooks.AsyncLocalStorage {
  constructor(...options) {
    super(...options);
    registrations.add(() => this.disable());
  }
}
// Since Node 22 it is a getter, to which nothing can be assigned.
Object.defineProperty(asyncHooks, 'AsyncLocalStorage', { value: EndedStorage, configurable: true });

/**
 * lmdb's addon is shared likewise, and reports failed commits by the console of the first sandbox that loaded it: specs
 * get the worker's own lmdb (`jest-lmdb.cjs`).
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.workerModule = (name) => require(name);
  }

  async teardown() {
    for (const end of registrations) end();
    registrations.clear();
    await super.teardown();
  }
};
