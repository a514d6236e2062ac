import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './root.js';

/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

interface ApiOperation {
  readonly responses: Readonly<Record<string, ApiAnswer>>;
}

interface ApiAnswer {
  readonly description: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** What a linter says against an OpenAPI document, and what our own rules say. @returns a line for each fault */
export function apiFaults(document: ApiDocument): string[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts', 'lib', 'openapi-lint.mjs')],
    {
      input: JSON.stringify(document),
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`the linter failed: ${stderr}`);
  const own = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([code, answer]) =>
        faultsOf(code, answer).map((fault) => `${method} ${path} ${code}: ${fault}`),
      ),
    ),
  );
  return [...stdout.split('\n').filter(Boolean), ...own];
}

function faultsOf(code: string, { description, content = {} }: ApiAnswer): string[] {
  const isError = /^[45]|^default$/.test(code);
  return [
    ...(description.trim() === '' ? ['says nothing'] : []),
    ...(isError && Object.keys(content).join() !== 'application/problem+json'
      ? ['is no problem document']
      : []),
  ];
}
