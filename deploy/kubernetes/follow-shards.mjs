// Runs the sidecar of one pod of a StatefulSet, and starts it again with another COUNT when the number of replicas changes.
// Several pods do so within a few seconds of each other; what two of them count meanwhile only one may commit.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = 'dist/apps/sidecar/apps/sidecar/src/main.js';
/** Where the kubelet mounts who this pod is. */
const ACCOUNT = process.env['SERVICE_ACCOUNT_DIR'] ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const POLL_MS = Number(process.env['SHARD_POLL_MS'] ?? 5000);
const ANSWER_TIMEOUT_MS = 5000;
const [, set, index] = /^(\S+)-(\d{1,3})$/.exec(process.env['POD_NAME'] ?? '') ?? [];
const faults = [
  ...(index === undefined ? ['POD_NAME must be the name of a pod of a StatefulSet, such as sidecar-0'] : []),
  ...(POLL_MS > 0 ? [] : ['SHARD_POLL_MS must be a number of milliseconds above 0']),
];
for (const fault of faults) console.error(`follow-shards: ${fault}`);
if (faults.length > 0) process.exit(78);

/** @param {string} name */
const account = (name) => readFileSync(`${ACCOUNT}/${name}`, 'utf8').trim();

/**
 * How many replicas the StatefulSet is to have. The token is read anew each time: the kubelet replaces it.
 * @returns {Promise<number>}
 */
function readReplicas() {
  const path = `/apis/apps/v1/namespaces/${account('namespace')}/statefulsets/${set}`;
  return new Promise((resolve, reject) => {
    const options = {
      host: process.env['KUBERNETES_SERVICE_HOST'],
      port: process.env['KUBERNETES_SERVICE_PORT'],
      path,
      ca: account('ca.crt'),
      headers: { authorization: `Bearer ${account('token')}`, accept: 'application/json' },
      timeout: ANSWER_TIMEOUT_MS,
    };
    const request = get(options, async (answer) => {
      try {
        let text = '';
        for await (const part of answer.setEncoding('utf8')) text += part;
        if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`);
        const { spec } = JSON.parse(text);
        if (!Number.isInteger(spec?.replicas)) throw new Error(`${path} has no spec.replicas`);
        resolve(spec.replicas);
      } catch (error) {
        reject(error);
      }
    });
    request.on('timeout', () =>
      request.destroy(new Error(`${path} did not answer in ${ANSWER_TIMEOUT_MS} ms`)),
    );
    request.on('error', reject);
  });
}

/** What was last told of the cluster's answers: the same trouble is told once. */
let told = '';
/** @param {string} text */
function tell(text) {
  if (text !== told && text !== '') console.error(`follow-shards: ${text}`);
  told = text;
}

/**
 * The number of replicas that gives this pod a share; undefined while the cluster does not say, or takes this pod away.
 * @returns {Promise<number | undefined>}
 */
async function shareCount() {
  try {
    const replicas = await readReplicas();
    tell('');
    return replicas > Number(index) ? replicas : undefined;
  } catch (error) {
    tell(
      `cannot read the replicas of ${set}, and tries again: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}

let isStopping = false;
/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']))
  process.on(signal, () => {
    isStopping = true;
    child?.kill(signal);
    // Nothing runs yet that could drain.
    if (child === undefined) process.exit(0);
  });

/**
 * Runs the sidecar until it ends, or until its COUNT is another.
 * @param {number} count
 * @returns {Promise<number>} the next COUNT
 */
async function runWith(count) {
  console.log(`follow-shards: ${set} has ${count} replicas; this is ${index}`);
  const started = spawn(process.execPath, [MAIN], {
    stdio: 'inherit',
    env: { ...process.env, SIDECAR_SHARD: `${index}/${count}` },
  });
  child = started;
  /** @type {Promise<void>} */
  const ended = new Promise((resolve, reject) => started.once('error', reject).once('exit', () => resolve()));
  let next = count;
  while (started.exitCode === null && started.signalCode === null) {
    await Promise.race([ended, sleep(POLL_MS, undefined, { ref: false })]);
    next = (await shareCount()) ?? next;
    // A second signal would cut the drain short.
    if (next !== count && !isStopping) {
      started.kill('SIGTERM');
      await ended;
    }
  }
  // It ended by itself: so does the container, which Kubernetes starts again.
  if (isStopping || next === count) process.exit(started.exitCode ?? 1);
  return next;
}

let count = await shareCount();
while (count === undefined) {
  await sleep(POLL_MS);
  count = await shareCount();
}
for (;;) count = await runWith(count);
