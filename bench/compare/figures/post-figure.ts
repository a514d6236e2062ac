import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '../../../testing/program.js';
import { findProgram } from '../brokers/broker-programs.js';
import { ServiceProcess } from '../services/service-process.js';
import { POST_SERVICES } from '../services/service-programs.js';
import { WorkerError, WorkerProcess } from '../workers/worker-process.js';
import type { CostSample } from './cost.js';
import { freePort } from '../../../testing/ports.js';
import type { Timing } from './one-way-figure.js';
import { startEnd } from './peer-ends.js';

/** Keep-alive connections, each with one post on its way. */
export const CONNECTIONS = 64;

const POSTER = fileURLToPath(new URL('../workers/poster-main.js', import.meta.url));
const SCRIPT = resolve('bench', 'compare', 'services', 'post.lua');
const PATIENCE_MS = 5000;
const WARM_UP_POSTS = 10_000;
const WARM_UP_RUNS = 10;

interface Posted {
  readonly answered: number;
  readonly seconds: number;
  /** Connections that failed, and answers other than success. */
  readonly faults: number;
}

/** wrk counts in whole seconds. */
async function postByWrk(wrk: string, url: string, seconds: number): Promise<Posted> {
  const duration = `${Math.max(1, Math.round(seconds))}s`;
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${duration}`, '-s', SCRIPT, url];
  const program = new Program(wrk, args, {}, { name: 'wrk' });
  const { code } = await program.exited;
  const output = program.stdout;
  const line = output.split('\n').find((it) => it.startsWith('{'));
  if (code !== 0 || line === undefined)
    throw new WorkerError(`wrk ended with code ${code}: ${program.output}`);
  return JSON.parse(line) as Posted;
}

async function postByWorker(url: string, seconds: number): Promise<Posted> {
  const poster = await WorkerProcess.start('poster', process.execPath, [POSTER, url]);
  try {
    return await poster.call<keyof Posted>({ do: 'post', connections: CONNECTIONS, seconds });
  } finally {
    await poster.stop();
  }
}

function post(url: string, seconds: number): Promise<Posted> {
  const wrk = findProgram('wrk');
  return wrk === undefined ? postByWorker(url, seconds) : postByWrk(wrk, url, seconds);
}

/**
 * Posts until the code is compiled for speed. That takes a number of posts and not of seconds: a busy machine answers few in a
 * second.
 * @returns posts answered
 */
async function warmUp(url: string, seconds: number): Promise<number> {
  let answered = 0;
  for (let run = 0; run < WARM_UP_RUNS && answered < WARM_UP_POSTS; run += 1) {
    answered += (await post(url, seconds)).answered;
  }
  return answered;
}

/**
 * Posts of one trade in JSON to a whole publisher (or a bare route), with a bare PULL behind it. The processor time is
 * that of the publishing process alone.
 * @throws WorkerError when a post was refused, or an accepted one never came out at the other end
 */
export async function measurePosts(peer: string, timing: Timing): Promise<CostSample> {
  const [zmqPort, httpPort] = [await freePort(), await freePort()];
  const programOf = POST_SERVICES[peer];
  if (programOf === undefined) throw new TypeError(`no service is called "${peer}"`);
  const receiver = await startEnd('consumer', 'sidecar-bare', zmqPort);
  let service: ServiceProcess | undefined;
  try {
    await receiver.call({ do: 'expect', target: 0 });
    service = await ServiceProcess.start(peer, programOf(zmqPort, httpPort));
    const url = `http://127.0.0.1:${httpPort}/trade/buy`;
    const warmedUp = await warmUp(url, timing.warmUpSeconds);
    const before = service.cpuSeconds();
    const { answered, seconds, faults } = await post(url, timing.measureSeconds);
    const cpuSeconds = service.cpuSeconds() - before;
    if (faults > 0) throw new WorkerError(`${peer}: ${faults} posts failed or were refused`);
    const target = warmedUp + answered;
    const { count } = await receiver.call<'count'>({ do: 'arrived', target, patienceMs: PATIENCE_MS });
    if (count < target) throw new WorkerError(`${peer}: ${count} of ${target} posted events came out`);
    return { perSecond: answered / seconds, cpuMicros: (cpuSeconds / answered) * 1e6 };
  } finally {
    await service?.stop();
    await receiver.stop();
  }
}
