import { readFileSync } from 'node:fs';

const KILOBYTES = 1024;
const TICKS_A_SECOND = 100;

/** A file of /proc; undefined where the system has none, or the process is gone. */
function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

/** Resident memory of a process in MB; 0 where the system does not show it, or the process is gone. */
export function megabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(procFile(pid, 'status') ?? '')?.[1];
  return Number(kilobytes ?? 0) / KILOBYTES;
}

/** Seconds of processor time that a process has used; undefined where the system does not show it. */
export function processorSecondsOf(pid: number): number | undefined {
  // The program's name may contain anything; of the fields behind it, utime and stime are the 12th and 13th.
  const fields = procFile(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isNaN(ticks) ? undefined : ticks / TICKS_A_SECOND;
}
