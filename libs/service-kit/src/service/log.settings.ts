import { IsIn } from 'class-validator';

/** From what must be seen to what only a developer wants to see. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** One of {@link LOG_LEVELS}. */
export type LeastLevel = (typeof LOG_LEVELS)[number];

/** What a service writes, and how: the settings of every service of ours extend it. */
export class LogSettings {
  /** `json`: each line is one JSON object, for programs that collect logs. */
  @IsIn(['text', 'json'])
  LOG_FORMAT: 'text' | 'json' = 'text';

  /** The least important level that is written. */
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: LeastLevel = 'log';
}
