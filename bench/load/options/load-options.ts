import {
  choice,
  type GivenOptions,
  inRange,
  LoadUsageError,
  positive,
  type RateRange,
  rateOrRange,
} from './option-values.js';
import { timeSpan, webAddress, zmqAddress } from './option-values.js';
import { type LoadSource, readSource } from './source-options.js';

/** Files to write; none where undefined. */
export interface ResultFiles {
  readonly json: string | undefined;
  readonly hdr: string | undefined;
  /** Ends in `.svg` or `.png`. */
  readonly chart: string | undefined;
}

/** What the answer to a post waits for: the publisher's acceptance, or the sidecar's count. */
export type WaitStage = 'accepted' | 'applied';

/** A folder of CURVE keys, and which client of it the load is. */
export interface KeySource {
  readonly folder: string;
  readonly client: string;
}

/** The options of one call. */
export interface LoadOptions {
  readonly source: LoadSource;
  /** Events a second, or a range to search. A replay has its own rate. */
  readonly rate: number | RateRange;
  /** The bound of a search. */
  readonly p99BoundSeconds: number;
  /** Of the run, or of one step of a search; undefined: the whole tape. */
  readonly durationSeconds: number | undefined;
  /** 0: none. */
  readonly warmupSeconds: number;
  /** `http`: posts to the publisher. `zmq`: pushes to the sidecar, like any producer. */
  readonly via: 'http' | 'zmq';
  /** `http`: what the answer waits for. */
  readonly waitFor: WaitStage;
  readonly files: ResultFiles;
  /** The publisher's base URL. */
  readonly publisherUrl: string;
  /** The sidecar's base URL: its metrics say what was applied. */
  readonly sidecarUrl: string;
  /** The sidecar's ZeroMQ address. */
  readonly zmqAddress: string;
  /** `http`: file with the token for posts; undefined: none. */
  readonly tokenFile: string | undefined;
  /** File of further certificates to trust for `https:` addresses; undefined: only those that Node trusts. */
  readonly caFile: string | undefined;
  /** `zmq`: CURVE keys, as `npm run keys` makes them; undefined: none. */
  readonly keys: KeySource | undefined;
}

const DEFAULT_RUN_SECONDS = '10';
const DEFAULT_STEP_SECONDS = '5';
/** The first step of a search must not fail for cold code alone. */
const SEARCH_WARMUP_SECONDS = '2';
/** The client that every key set begins with. */
const DEFAULT_CLIENT = 'publisher';

function readFiles(given: GivenOptions): ResultFiles {
  const chart = given.get('chart');
  if (chart !== undefined && !/\.(svg|png)$/.test(chart))
    throw new LoadUsageError(`--chart must be a file that ends in .svg or .png, not "${chart}"`);
  return { json: given.get('json'), hdr: given.get('hdr'), chart };
}

function readDuration(given: GivenOptions, isReplay: boolean, isSearch: boolean): number | undefined {
  const text = given.get('duration');
  if (text === undefined && isReplay) return undefined;
  return positive('duration', text ?? (isSearch ? DEFAULT_STEP_SECONDS : DEFAULT_RUN_SECONDS));
}

function readWait(given: GivenOptions): WaitStage {
  const stage = choice('wait', given.get('wait') ?? 'accepted', ['accepted', 'applied']);
  if (stage === 'applied' && given.get('via') === 'zmq')
    throw new LoadUsageError('--wait applied needs --via http: a push has no answer');
  return stage;
}

function readTokenFile(given: GivenOptions): string | undefined {
  const file = given.get('token-file');
  if (file !== undefined && given.get('via') === 'zmq')
    throw new LoadUsageError('--token-file needs --via http: a push has no token');
  return file;
}

function readKeys(given: GivenOptions): KeySource | undefined {
  const folder = given.get('keys');
  const client = given.get('client');
  if (folder === undefined) {
    if (client !== undefined) throw new LoadUsageError('--client needs --keys');
    return undefined;
  }
  if (given.get('via') !== 'zmq') throw new LoadUsageError('--keys needs --via zmq: a post has no keys');
  return { folder, client: client ?? DEFAULT_CLIENT };
}

/**
 * Reads a command line.
 * @throws {LoadUsageError} naming the option at fault, in one line
 */
export function parseLoadOptions(given: GivenOptions): LoadOptions {
  const source = readSource(given);
  const rate = rateOrRange('rate', given.get('rate') ?? '1000');
  const isSearch = typeof rate === 'object';
  if (!isSearch && given.has('p99-bound'))
    throw new LoadUsageError('--p99-bound needs a range to search, such as --rate 1000..50000');
  return {
    source,
    rate,
    p99BoundSeconds: timeSpan('p99-bound', given.get('p99-bound') ?? '50ms'),
    durationSeconds: readDuration(given, source.kind === 'replay', isSearch),
    warmupSeconds: inRange(
      'warmup',
      given.get('warmup') ?? (isSearch ? SEARCH_WARMUP_SECONDS : '0'),
      0,
      3600,
    ),
    via: choice('via', given.get('via') ?? 'http', ['http', 'zmq']),
    waitFor: readWait(given),
    files: readFiles(given),
    publisherUrl: webAddress('url', given.get('url') ?? 'http://127.0.0.1:8000'),
    sidecarUrl: webAddress('sidecar', given.get('sidecar') ?? 'http://127.0.0.1:8001'),
    zmqAddress: zmqAddress('zmq', given.get('zmq') ?? 'tcp://127.0.0.1:5555'),
    tokenFile: readTokenFile(given),
    caFile: given.get('ca'),
    keys: readKeys(given),
  };
}
