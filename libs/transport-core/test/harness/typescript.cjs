/** Lets a plain node process of a spec require our TypeScript as it stands, without a build: `node -r` this file. */
const Module = require('node:module');
const { join } = require('node:path');
require('reflect-metadata');
const { transformFileSync } = require('@swc/core');

const options = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2022',
  },
  module: { type: 'commonjs' },
};

Module._extensions['.ts'] = (module, path) => module._compile(transformFileSync(path, options).code, path);

// Imports name the file that the compiler will make of the source, and a library by its alias.
const LIBRARIES = join(__dirname, '..', '..', '..');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const isOurs = /^\.\.?\/.*\.js$/.test(request) && parent?.filename?.endsWith('.ts');
  const source = request.replace(/^@app\/([^/]+)$/, join(LIBRARIES, '$1', 'src', 'index.ts'));
  return resolve.call(this, isOurs ? request.replace(/\.js$/, '.ts') : source, parent, ...rest);
};
