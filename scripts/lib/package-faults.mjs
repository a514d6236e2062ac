import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemKindInfo } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * Nest 12 has ES modules only, and so have the packages. A program that is CommonJS requires them: every Node that `engines`
 * allows can, and e2e/package.spec.ts does it. attw still takes that for a fault; all its other rules hold, for each way to resolve.
 */
const REQUIRED_ESM = 'CJSResolvesToESM';

/** What a package has beside its code. */
const TEXTS = /^(?:package\.json|README\.md|LICENSE|PROTOCOL\.md|CHANGELOG\.md)$/;
const CODE = /^(?:dist\/.+\.(?:js|d\.ts)|template\/.+\.ts)$/;
const TEST = /\.spec\.|\.fixture\./;

/**
 * What is wrong with the files of a package.
 * @param {string[]} files relative to the package
 * @returns {string[]}
 */
function contentFaults(files) {
  const missing = ['package.json', 'README.md', 'LICENSE'].filter((file) => !files.includes(file));
  const untyped = files.filter(
    (file) => file.endsWith('.js') && !files.includes(file.replace(/js$/, 'd.ts')),
  );
  const foreign = files.filter((file) => TEST.test(file) || !(TEXTS.test(file) || CODE.test(file)));
  return [
    ...missing.map((file) => `${file} is missing`),
    ...untyped.map((file) => `${file} has no types`),
    ...foreign.map((file) => `${file} does not belong in the package`),
  ];
}

/**
 * @param {ArrayBuffer} tarball
 * @returns {Promise<string[]>}
 */
async function publintFaults(tarball) {
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/**
 * @param {import('@arethetypeswrong/core').Package} files
 * @returns {Promise<string[]>}
 */
async function typeFaults(files) {
  const result = await checkPackage(files);
  if (result.types === false) return ['attw: there are no types'];
  return result.problems
    .filter(({ kind }) => kind !== REQUIRED_ESM)
    .map((problem) => {
      const where = 'entrypoint' in problem ? ` (${problem.entrypoint}, ${problem.resolutionKind})` : '';
      return `attw: ${problemKindInfo[problem.kind].title}${where}`;
    });
}

/**
 * What is wrong with a packed package, by publint, attw and our own list of what belongs in it.
 * @param {string} tarball its file
 * @returns {Promise<{ files: number, faults: string[] }>} how many files it has, and a line for each fault
 */
export async function inspectTarball(tarball) {
  const bytes = readFileSync(tarball);
  const files = createPackageFromTarballData(bytes);
  const prefix = `/node_modules/${files.packageName}/`;
  const names = files.listFiles().map((file) => file.slice(prefix.length));
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const faults = await Promise.all([publintFaults(data), typeFaults(files)]);
  return { files: names.length, faults: [...contentFaults(names), ...faults.flat()] };
}
