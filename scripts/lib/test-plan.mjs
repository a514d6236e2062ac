import { packageFile } from './project.mjs';

/** Checks without tests: each counts as one, passed or failed. */
export const CHECKS = {
  lint: [packageFile('oxlint', 'bin', 'oxlint'), '.'],
  format: [packageFile('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  types: [packageFile('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit'],
  'web-types': [packageFile('typescript', 'bin', 'tsc'), '-p', 'apps/web/tsconfig.json', '--noEmit'],
  'script-types': [packageFile('typescript', 'bin', 'tsc'), '-p', 'scripts/tsconfig.json'],
};

/** Jest projects in the order they run. */
export const SUITES = ['unit', 'integration', 'e2e'];

/**
 * Reads `npm test -- [names...] [Jest options...]`.
 * @param {string[]} args leading names choose checks and suites; the rest goes to Jest
 * @returns {{ checks: (keyof typeof CHECKS)[], suites: string[], jestArgs: string[] }} all of them when none is named
 */
export function testPlan(args) {
  const names = [...Object.keys(CHECKS), ...SUITES];
  const firstOther = args.findIndex((arg) => !names.includes(arg));
  const chosen = firstOther === -1 ? args : args.slice(0, firstOther);
  const isWanted = (/** @type {string} */ name) => chosen.length === 0 || chosen.includes(name);
  return {
    checks: /** @type {(keyof typeof CHECKS)[]} */ (Object.keys(CHECKS)).filter(isWanted),
    suites: SUITES.filter(isWanted),
    jestArgs: args.slice(chosen.length),
  };
}
