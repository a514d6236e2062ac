import type { StreamInfo } from '@nats-io/jetstream';
import type { UnfitOption } from './errors.js';
import type { StreamSettings } from './options.js';

const NANOS_PER_MS = 1_000_000;

/** Why a stream is not used, and which option to look at. */
interface Misfit {
  readonly option: UnfitOption;
  readonly fault: string;
}

/** The subjects of all partitions, in their order. */
export function subjectsOf({ subjectPrefix, partitions }: StreamSettings): string[] {
  return Array.from({ length: partitions }, (_, partition) => `${subjectPrefix}.${partition}`);
}

/** The subjects of partitions that a stream does not take. */
export function missingSubjects(stream: StreamSettings, { config }: StreamInfo): string[] {
  const { subjectPrefix } = stream;
  const subjects = new Set(config.subjects);
  const hasAll = subjects.has(`${subjectPrefix}.*`) || subjects.has(`${subjectPrefix}.>`);
  return hasAll ? [] : subjectsOf(stream).filter((subject) => !subjects.has(subject));
}

/** What would lose events, or count them twice, in a stream with other settings; undefined when the stream fits. */
export function misfitOf(stream: StreamSettings, info: StreamInfo): Misfit | undefined {
  const { config } = info;
  const { subjectPrefix, replicas, duplicateWindowMs } = stream;
  const missing = missingSubjects(stream, info);
  if (missing.length > 0) {
    const has = config.subjects ?? [];
    return has.some((it) => it.startsWith(`${subjectPrefix}.`))
      ? {
          option: 'partitions',
          fault: `it lacks ${missing.join(', ')}: raise the partitions of the servers first`,
        }
      : {
          option: 'stream',
          fault: `its subjects are ${has.join(', ')}, not ${subjectsOf(stream).join(', ')}`,
        };
  }
  if (config.retention !== 'limits') {
    const fault = `its retention is ${config.retention}, not limits: it deletes events that were read`;
    return { option: 'stream', fault };
  }
  if (config.num_replicas !== replicas) {
    return { option: 'replicas', fault: `its replicas are ${config.num_replicas}, not ${replicas}` };
  }
  if (config.no_ack === true) {
    return { option: 'stream', fault: 'it confirms nothing (no_ack)' };
  }
  const windowMs = config.duplicate_window / NANOS_PER_MS;
  return windowMs < Math.min(duplicateWindowMs, 1000)
    ? { option: 'stream', fault: `it remembers messages for ${windowMs} ms only (duplicate_window)` }
    : undefined;
}
