import { readFileSync } from 'node:fs';

/** Linux counts a process' CPU time in hundredths of a second, whatever its clock does. */
const TICKS_PER_SECOND = 100;

/** The fields of `/proc/PID/stat` behind the program's name: state, parent, group, … Empty for a process that has ended. */
export function statOf(pid: number | string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    // It may end between the listing and the reading, and where there is no /proc there is nothing to read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/**
 * CPU time of a process so far, user and system, all threads, in seconds; from the fields of {@link statOf}. 0 without fields.
 */
export function cpuSecondsIn(stat: readonly string[]): number {
  return (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / TICKS_PER_SECOND;
}
