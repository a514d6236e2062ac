/**
 * zeromq.js keeps one event emitter on a prototype that the native addon shares among all specs of a worker, and
 * fills it from the sandbox of whichever spec asks first; the next spec would find that sandbox torn down.
 * Loading it here, outside any sandbox, gives it the worker's own modules.
 */
require('zeromq');
const hooks = require('node:perf_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * prom-client observes garbage collection and never ends that; Node would keep what it observes for, the whole sandbox of
 * the spec, and with 20 MB for each app that a spec starts the worker's heap ends before the specs do.
 */
const observers = new Set();
hooks.PerformanceObserver = class extends hooks.PerformanceObserver {
  constructor(callback) {
    super(callback);
    observers.add(this);
  }
};

/**
 * lmdb's addon is shared likewise, and reports failed commits by the console of the first sandbox that loaded it: specs
 * get the worker's own lmdb (`jest.lmdb.cjs`).
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.workerModule = (name) => require(name);
  }

  async teardown() {
    for (const observer of observers) observer.disconnect();
    observers.clear();
    await super.teardown();
  }
};
