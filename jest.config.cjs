const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
    target: 'es2022',
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

// Components: the same, with JSX.
const swcJsx = {
  ...swc,
  jsc: {
    ...swc.jsc,
    parser: { syntax: 'typescript', tsx: true },
    transform: { react: { runtime: 'automatic' } },
  },
};

/** @param packages where the bundled packages are: among them what ships ES modules only, which Jest cannot require */
const sharedBy = (packages) => ({
  rootDir: __dirname,
  testEnvironment: '<rootDir>/jest-environment.cjs',
  transform: { '^.+\\.[cm]?[jt]s$': ['@swc/jest', swc], '^.+\\.tsx$': ['@swc/jest', swcJsx] },
  moduleNameMapper: {
    ...packages,
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@app/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@app/([^/]+)/([^/]+)$': '<rootDir>/libs/$1/src/$2.ts',
    '^lmdb$': '<rootDir>/jest-lmdb.cjs',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFiles: ['reflect-metadata'],
});

module.exports = async () => {
  const { bundlePackages } = await import('./scripts/lib/test-packages.mjs');
  const shared = sharedBy(await bundlePackages());
  return {
    // No test measures time: the limit is there for what hangs, and has to let a busy machine be slow.
    testTimeout: 120_000,
    // Most of a spec's time is waiting, so three share two processors well.
    maxWorkers: 3,
    testSequencer: '<rootDir>/jest-sequencer.cjs',
    // What Node and Jest keep of specs that are over goes with their worker, and collections stay short.
    workerIdleMemoryLimit: '600MB',
    projects: [
      // Beside the source: no sockets, no files, no processes.
      {
        ...shared,
        displayName: 'unit',
        testMatch: ['<rootDir>/{apps,libs,deploy,scripts,bench,faults}/**/*.spec.{ts,tsx}'],
        testPathIgnorePatterns: ['/node_modules/', '/test/'],
      },
      // One process, real sockets on ports the operating system chooses.
      {
        ...shared,
        displayName: 'integration',
        testMatch: ['<rootDir>/{apps,libs,deploy}/*/test/**/*.spec.ts', '<rootDir>/testing/**/*.spec.ts'],
      },
      // The built apps as real processes; wants `npm run build` first.
      { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/e2e/**/*.spec.ts'] },
    ],
  };
};
