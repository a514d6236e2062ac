import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../../../testing/program.js';
import { entryOf } from '../../../testing/stack.js';
import { freePorts } from '../../../testing/ports.js';
import type { LoneAttack } from '../attack.js';
import { PASSWORD } from '../ground/ground.js';
import { ZmtpPeer } from '../wire/zmtp-peer.js';

const BOOT_MS = 40_000;
const NOTICE_MS = 30_000;
const EX_CONFIG = 78;
const OTHERS = 0o077;
const DAMAGES = 16;

type Settings = Readonly<Record<string, string>>;

interface Started {
  readonly app: Program;
  readonly url: string;
  readonly zmqPort: number;
  /** All of its output so far. */
  readonly log: () => string;
}

/** Starts one app; it may end by itself, which is a right answer here. */
async function start(name: 'publisher' | 'sidecar', settings: Settings): Promise<Started> {
  const [port = 0, zmqPort = 0] = await freePorts(2);
  const zmq = `tcp://127.0.0.1:${zmqPort}`;
  const app = new Program(process.execPath, [entryOf(name)], {
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(name === 'sidecar' ? { SIDECAR_ZMQ_BIND: zmq } : { WEBAPP_ZMQ_ADDR: zmq }),
    ...settings,
  });
  let log = '';
  app.onOutput((text) => (log += text));
  const url = `http://127.0.0.1:${port}`;
  const isUp = async (): Promise<boolean> => (await healthOf(url)) !== undefined;
  await Promise.race([
    app.exited,
    app.until('an answer', isUp, BOOT_MS).catch((error: unknown) => ended(app, error)),
  ]);
  return { app, url, zmqPort, log: () => log };
}

/** Takes the app's end for an answer, and rethrows the error of an app that still runs. */
async function ended(app: Program, error: unknown): Promise<void> {
  if (app.isRunning) throw error;
  await app.exited;
}

/** The status of /health; undefined while nobody answers. */
async function healthOf(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return undefined;
    throw error;
  }
}

/** Whether a start failed with one sentence: no stack, and the exit code that tells a supervisor not to try again. */
function isSentence({ app, log }: Started): boolean {
  return app.exitCode === EX_CONFIG && !/\n +at /.test(log());
}

async function rejectOne({ zmqPort }: Started): Promise<void> {
  const peer = await ZmtpPeer.open(zmqPort, 'PUSH');
  await peer.send('this is no JSON');
  await sleep(1_500);
  peer.close();
}

async function until(isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) return false;
    await sleep(200);
  }
  return true;
}

async function letterFile(folder: string): Promise<string[]> {
  const faults: string[] = [];
  const file = join(folder, 'letters.ndjson');
  const plain = await start('sidecar', { DEAD_LETTER_FILE: file });
  await rejectOne(plain);
  if (!(await until(() => existsSync(file), 5_000))) faults.push('no dead letter was written');
  else if ((statSync(file).mode & OTHERS) !== 0) faults.push('others may read the dead letters');
  await plain.app.stop();
  const target = join(folder, 'target');
  writeFileSync(target, 'mine\n', { mode: 0o644 });
  const link = join(folder, 'link.ndjson');
  symlinkSync(target, link);
  const linked = await start('sidecar', { DEAD_LETTER_FILE: link });
  if (linked.app.isRunning) await rejectOne(linked);
  else if (!isSentence(linked))
    faults.push(`a linked file ends with ${linked.app.exitCode}:\n${linked.log()}`);
  await linked.app.stop();
  if (readFileSync(target, 'utf8') !== 'mine\n') faults.push('dead letters are written through a link');
  return faults;
}

/** Right answers: no start, a warning that names the folder, or a folder that others can no longer write to. */
async function openFolder(
  name: 'publisher' | 'sidecar',
  folder: string,
  settings: Settings,
): Promise<string[]> {
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const started = await start(name, settings);
  const isSaid = started.log().includes(folder) && /WARN|cannot be used/.test(started.log());
  const isClosed = (statSync(folder).mode & 0o022) === 0;
  const isRefused = isSentence(started);
  await started.app.stop();
  return isSaid || isClosed || isRefused ? [] : [`the ${name} takes a folder of mode 0777 without a warning`];
}

async function linkedState(folder: string): Promise<string[]> {
  const state = join(folder, 'linked');
  mkdirSync(state, { mode: 0o700 });
  const target = join(folder, 'somebody.else');
  writeFileSync(target, 'theirs', { mode: 0o644 });
  chmodSync(target, 0o644);
  symlinkSync(target, join(state, 'state.mdb'));
  const started = await start('sidecar', { SIDECAR_STATE_DIR: state });
  const faults = isSentence(started)
    ? []
    : [`a linked state ends with ${started.app.exitCode}, not with a sentence and 78`];
  await started.app.stop();
  if ((statSync(target).mode & 0o777) !== 0o644) faults.push("a linked state's target got another mode");
  if (readFileSync(target, 'utf8') !== 'theirs') faults.push("a linked state's target was written to");
  return faults;
}

/** The same damage in every run: bytes of a page, cut ends, whole pages. */
function damaged(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = (index * 2_654_435_761) % copy.length;
  if (index % 4 === 0) return copy.subarray(0, at);
  const length = index % 4 === 1 ? 1 : index % 4 === 2 ? 64 : 4_096;
  for (let offset = 0; offset < length; offset += 1) {
    // The first two pages say where everything is, so most damage goes there.
    const place = index % 2 === 0 ? (at + offset) % copy.length : (at % 8_192) + offset;
    if (place < copy.length) copy[place] = (copy[place] ?? 0) ^ (1 + ((index + offset) % 255));
  }
  return copy;
}

async function damagedState(folder: string): Promise<string[]> {
  const good = join(folder, 'good');
  const first = await start('sidecar', { SIDECAR_STATE_DIR: good });
  await rejectOne(first);
  await first.app.stop();
  const bytes = readFileSync(join(good, 'state.mdb'));
  const faults: string[] = [];
  for (let index = 0; index < DAMAGES; index += 1) {
    const state = join(folder, `damaged-${index}`);
    mkdirSync(state, { mode: 0o700 });
    writeFileSync(join(state, 'state.mdb'), damaged(bytes, index), { mode: 0o600 });
    const started = await start('sidecar', { SIDECAR_STATE_DIR: state });
    // Damage to an unused part changes nothing.
    if (!started.app.isRunning && !isSentence(started))
      faults.push(`damage ${index} ends with ${started.app.exitCode}:\n${started.log().slice(0, 400)}`);
    await started.app.stop();
  }
  return faults;
}

async function movedFolder(
  name: 'publisher' | 'sidecar',
  folder: string,
  settings: Settings,
): Promise<string[]> {
  const started = await start(name, settings);
  renameSync(folder, `${folder}-moved`);
  const isNoticed = await until(async () => {
    const health = await healthOf(started.url);
    return (
      !started.app.isRunning || (health !== undefined && health !== 200 && started.log().includes(folder))
    );
  }, NOTICE_MS);
  await started.app.stop();
  return isNoticed
    ? []
    : [`the ${name} does not notice in ${NOTICE_MS / 1000} s that its folder was moved away`];
}

async function secretSetting(): Promise<string[]> {
  const started = await start('publisher', { GRAFANA_URL: `http://desk:${PASSWORD}@` });
  const sidecarUrl = await start('publisher', { SIDECAR_HTTP_URL: `gopher://desk:${PASSWORD}@127.0.0.1` });
  const said = started.log() + sidecarUrl.log();
  for (const { app } of [started, sidecarUrl]) await app.stop();
  return said.includes(PASSWORD) ? ['a wrong address is printed with its password'] : [];
}

/** Hole 9, and of hole 5 the output of a failed start: files and folders that somebody prepared, damaged or moved. */
export const fileAttacks: readonly LoneAttack[] = [
  {
    name: 'letter-file',
    title: 'the mode of the dead letter file, and a link in its place',
    setting: 'alone',
    isShort: true,
    run: letterFile,
  },
  {
    name: 'open-folders',
    title: 'spool and state folders that everybody may write to',
    setting: 'alone',
    isShort: false,
    async run(folder) {
      const [state, spool] = [join(folder, 'open-state'), join(folder, 'open-spool')];
      return [
        ...(await openFolder('sidecar', state, { SIDECAR_STATE_DIR: state })),
        ...(await openFolder('publisher', spool, { DELIVERY: 'durable', SPOOL_DIR: spool })),
      ];
    },
  },
  {
    name: 'linked-state',
    title: 'a link in place of the state file',
    setting: 'alone',
    isShort: true,
    run: linkedState,
  },
  {
    name: 'damaged-state',
    title: `${DAMAGES} ways to damage a state file`,
    setting: 'alone',
    isShort: false,
    run: damagedState,
  },
  {
    name: 'moved-folders',
    title: 'the folders of a running sidecar and a running publisher are moved away',
    setting: 'alone',
    isShort: false,
    async run(folder) {
      const [state, spool] = [join(folder, 'moved-state'), join(folder, 'moved-spool')];
      const faults = await Promise.all([
        movedFolder('sidecar', state, { SIDECAR_STATE_DIR: state }),
        movedFolder('publisher', spool, { DELIVERY: 'durable', SPOOL_DIR: spool }),
      ]);
      return faults.flat();
    },
  },
  {
    name: 'printed-settings',
    title: 'an invalid address that contains a password',
    setting: 'alone',
    isShort: true,
    run: secretSetting,
  },
];
