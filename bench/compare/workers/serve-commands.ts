import { createInterface } from 'node:readline';
import type { Answer, Command, Commands } from './protocol.js';

function answer(value: Answer | { error: string }): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/**
 * Serves the runner until it closes our standard input: each line there is a command in JSON, and is answered with
 * one line on the standard output. The first line out says that the worker is ready.
 */
export async function serveCommands(commands: Commands): Promise<void> {
  answer({});
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    const run = commands[command.do];
    answer(run === undefined ? { error: `unknown command "${command.do}"` } : await run(command));
  }
}
