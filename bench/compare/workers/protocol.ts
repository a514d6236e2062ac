/** What a worker answers to a command; each command has its own fields. */
export type Answer = Readonly<Record<string, number | boolean | undefined>>;

/** A command to a worker: a name and numbers. */
export type Command = Readonly<{ do: string }> & Readonly<Record<string, number | string>>;

/** The commands that a worker knows. */
export type Commands = Readonly<Record<string, (command: Command) => Answer | Promise<Answer>>>;

/**
 * A number of a command.
 * @throws TypeError when it is missing: an error in the bench itself
 */
export function numberOf(command: Command, key: string): number {
  const value = command[key];
  if (typeof value !== 'number') throw new TypeError(`"${command.do}" needs the number "${key}"`);
  return value;
}

/** CPU time of this process so far, all threads (ZeroMQ's too), in seconds. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Resident memory after a collection where `--expose-gc` allows one, in bytes. */
export function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
