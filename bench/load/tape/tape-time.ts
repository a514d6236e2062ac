/** From these magnitudes on, a number is not seconds but milliseconds, microseconds, nanoseconds (all after 1973). */
const UNITS = [
  { from: 1e17, perSecond: 1e9 },
  { from: 1e14, perSecond: 1e6 },
  { from: 1e11, perSecond: 1e3 },
] as const;

/** A date, a time of day, a zone, and more digits of a second than any tape has. */
const MAX_TIME_CHARACTERS = 64;

const WRITTEN_TIME =
  /^(?<date>\d{4}-\d\d-\d\d)[ T](?<clock>\d\d:\d\d:\d\d)(?<fraction>\.\d+)?(?<zone>Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads a time of a tape: a number since the Unix epoch, in the unit that its magnitude shows (Binance writes
 * milliseconds, and microseconds for spot data from 2025 on), or a written date and time, UTC when it names no zone.
 * @returns seconds since the Unix epoch; NaN for any other text
 */
export function tapeSeconds(text: string): number {
  if (text.length > MAX_TIME_CHARACTERS) return Number.NaN;
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    return value / (UNITS.find(({ from }) => value >= from)?.perSecond ?? 1);
  }
  const { date, clock, fraction = '', zone = 'Z' } = WRITTEN_TIME.exec(text)?.groups ?? {};
  const colonZone = zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  // Date knows milliseconds only: the fraction is added by itself.
  return Date.parse(`${date}T${clock}${colonZone}`) / 1000 + Number(`0${fraction}`);
}
