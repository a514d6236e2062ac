import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './project.mjs';
import { ScriptError } from './script-error.mjs';

/**
 * The exit code a shell would give.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {number} the code, or 128 + the signal's number
 */
export function shellExitCode(code, signal) {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * Runs one program to its end, its output on ours. A signal that reaches this script is passed on, so that
 * an interrupted install or build leaves no process behind.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it
 */
export function runProgram(command, args, env = process.env) {
  return run(spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env }), command);
}

/**
 * The same for a program that asks questions.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<number>}
 */
export function runInteractively(command, args, cwd) {
  return run(spawn(command, args, { cwd, stdio: 'inherit' }), command);
}

/**
 * The same for a program whose output nobody wants to read unless it fails: then all of it is shown.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runQuietly(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  return { code: await run(child, command), output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} command for the message of a failed start
 * @returns {Promise<number>}
 */
function run(child, command) {
  return new Promise((resolve, reject) => {
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', forward);
    const release = () => process.off('SIGINT', forward).off('SIGTERM', forward).off('SIGHUP', forward);
    child.once('error', (error) => {
      release();
      reject(new ScriptError(`${command} could not be started: ${error.message}`, 127));
    });
    child.once('close', (code, signal) => {
      release();
      resolve(shellExitCode(code, signal));
    });
  });
}

/**
 * Like {@link runProgram}, for a step that must succeed.
 * @param {string} title what failed, for the message
 * @param {string} command
 * @param {string[]} args
 * @throws {ScriptError} with the program's exit code
 */
export async function runStep(title, command, args) {
  const code = await runProgram(command, args);
  if (code !== 0) throw new ScriptError(`${title} failed (exit code ${code})`, code);
}
