/**
 * zeromq.js keeps one event emitter on a prototype that the native addon shares among all specs of a worker, and
 * fills it from the sandbox of whichever spec asks first; the next spec would find that sandbox torn down.
 * Loading it here, outside any sandbox, gives it the worker's own modules.
 */
require('zeromq');
module.exports = require('jest-environment-node');
