import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { fuzzClient } from './client-fuzz.js';
import { fuzzServer } from './server-fuzz.js';
import { fuzzFaults } from './verdict.js';

/** Four of five messages are for the server. */
const SERVER_SHARE = 0.8;

const onProgress = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm run fuzz -- --frames 1000000 --seed 1`. @returns the exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { frames: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
  });
  const frames = Number(values.frames);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(frames) || frames < 10 || !Number.isSafeInteger(seed)) {
    process.stderr.write('fuzz: --frames wants a whole number from 10, --seed a whole number\n');
    return 64;
  }
  Logger.overrideLogger(false);
  let unhandled = 0;
  process.on('unhandledRejection', (error) => {
    unhandled += 1;
    process.stderr.write(`unhandled: ${String((error as Error).stack)}\n`);
  });
  const startMs = performance.now();
  const forServer = Math.round(frames * SERVER_SHARE);
  const server = await fuzzServer({ frames: forServer, seed, onProgress });
  const client = await fuzzClient({ frames: frames - forServer, seed, onProgress });
  const seconds = (performance.now() - startMs) / 1000;
  process.stdout.write(`${JSON.stringify({ frames, seed, seconds, unhandled, server, client }, null, 2)}\n`);
  const faults = fuzzFaults(server, client, unhandled);
  const verdict =
    faults.length === 0 ? 'the honest peers had all that they were promised' : `FAILED: ${faults.join('; ')}`;
  process.stdout.write(`${frames} messages, seed ${seed}: ${verdict}\n`);
  return faults.length === 0 ? 0 : 1;
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exit(1);
  },
);
