const SI = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;
const SECONDS = [
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
] as const;
const BINARY = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

function scaled(value: number, steps: readonly (readonly [number, string])[], smallest: string): string {
  const step = steps.find(([factor]) => Math.abs(value) >= factor);
  return step === undefined ? digits(value) + smallest : `${digits(value / step[0])} ${step[1]}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A value with its unit, much as Grafana writes it; only the units that the dashboards use. */
export function unitText(value: number, unit: string): string {
  if (Number.isNaN(value)) return '-';
  if (unit.startsWith('suffix:')) return `${digits(value)} ${unit.slice('suffix:'.length).trim()}`;
  if (unit === 'percentunit') return `${digits(value * 100)} %`;
  if (unit === 's') return value === 0 ? '0 s' : scaled(value, SECONDS, ' s');
  if (unit === 'bytes') return scaled(value, BINARY, ' B');
  if (unit === 'Bps') return scaled(value, SI, '') + 'B/s';
  if (unit === 'dateTimeAsIso') return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
  if (unit === 'locale') return value.toLocaleString('en', { maximumFractionDigits: 3 });
  return digits(value);
}
