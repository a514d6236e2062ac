import { buildMessage, ValidateBy } from 'class-validator';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;
const FORM = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** Reads `500ms`, `60s`, `15m` or `1h` as seconds; NaN when it is nothing of the kind. */
export function durationSeconds(text: unknown): number {
  const [, amount, unit] = (typeof text === 'string' && FORM.exec(text)) || [];
  return amount === undefined ? Number.NaN : Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

/** Validates a duration as text; `least` and `most` are durations themselves, and allowed. */
export function IsDuration(least: string, most: string): PropertyDecorator {
  const [min, max] = [durationSeconds(least), durationSeconds(most)];
  return ValidateBy({
    name: 'isDuration',
    validator: {
      validate: (value) => durationSeconds(value) >= min && durationSeconds(value) <= max,
      defaultMessage: buildMessage(
        () => `$property must be a duration such as 500ms, 60s, 15m or 1h, from ${least} to ${most}`,
      ),
    },
  });
}
