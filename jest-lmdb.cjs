// What `lmdb` means in specs, see jest-environment.cjs; in the processes that they start it is lmdb itself.
module.exports = globalThis.workerModule === undefined ? require('lmdb') : globalThis.workerModule('lmdb');
