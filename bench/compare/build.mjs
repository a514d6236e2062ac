import { buildWithTransport } from '../../scripts/lib/transport-build.mjs';

/**
 * Builds the benchmark when it is missing or older than its sources.
 * @returns {Promise<string>} the folder of the compiled benchmark
 * @throws {import('../../scripts/lib/script-error.mjs').ScriptError} when the compiler finds a fault
 */
export function buildComparison() {
  // The producer that `emit` measures is made of the publisher's own parts.
  return buildWithTransport('the benchmark', 'bench/compare', 'compare', ['apps/publisher/src/link']);
}
