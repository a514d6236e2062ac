import { commandRamp, commandRun } from './load-command.js';
import { type LoadOptions, parseLoadOptions } from './options/load-options.js';
import { LoadUsageError } from './options/option-values.js';
import { planMaker } from './plan-source.js';
import { ProgressLine } from './report/progress-line.js';
import { checkResultFiles } from './report/result-files.js';
import { readCurveKeys, readToken, trustCertificates } from './secret-files.js';
import { HttpSender } from './send/http-sender.js';
import type { LoadSender } from './send/load-sender.js';
import { ZmqSender } from './send/zmq-sender.js';
import { TapeError } from './tape/tape-reader.js';

const EXIT = { failed: 1, usage: 64, badData: 65 } as const;

/** @throws {LoadUsageError} for files that cannot be read */
function senderFor({ via, publisherUrl, waitFor, zmqAddress, tokenFile, keys }: LoadOptions): LoadSender {
  if (via === 'zmq') return new ZmqSender(zmqAddress, keys && readCurveKeys(keys));
  return new HttpSender(publisherUrl, waitFor, tokenFile === undefined ? undefined : readToken(tokenFile));
}

async function execute(options: LoadOptions): Promise<number> {
  checkResultFiles(options.files);
  if (options.caFile !== undefined) trustCertificates(options.caFile);
  const planFor = await planMaker(options);
  const progress = new ProgressLine(process.stderr);
  const sender = senderFor(options);
  try {
    const context = {
      options,
      planFor,
      run: { sender, sidecarUrl: options.sidecarUrl, onProgress: progress.show.bind(progress) },
      clearProgress: () => progress.clear(),
    };
    const { rate } = options;
    return await (typeof rate === 'number' ? commandRun(context, rate) : commandRamp(context, rate));
  } finally {
    progress.clear();
    sender.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof LoadUsageError) return EXIT.usage;
  return error instanceof TapeError ? EXIT.badData : EXIT.failed;
}

/**
 * `npm run load`: one run or one search, and its report.
 * @returns the exit code: 0 when every event was accepted and applied (a search: when a rate held), 1 otherwise, 64 for
 * a wrong command line, 65 for a tape that cannot be read
 */
export async function runLoad(given: Readonly<Record<string, string>>): Promise<number> {
  try {
    return await execute(parseLoadOptions(new Map(Object.entries(given))));
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    const detail = error instanceof LoadUsageError || error instanceof TapeError ? '' : cause;
    const hint = error instanceof LoadUsageError ? ' (--help shows all options)' : '';
    console.error(`load: ${error instanceof Error ? error.message : String(error)}${detail}${hint}`);
    return exitCodeOf(error);
  }
}
