import type { SimulationResult, SimulationSettings } from './simulation.js';

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const count = (value: number): string => Math.round(value).toLocaleString('en-US');

function time(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}

function recoveryLine({ outage }: SimulationSettings, { recovery }: SimulationResult): string[] {
  if (outage === undefined || recovery === undefined) return [];
  const drained =
    recovery.drainSeconds === undefined
      ? 'not drained in the simulated time'
      : `drained in ${time(recovery.drainSeconds)}`;
  const formula = Number.isFinite(recovery.formulaSeconds) ? time(recovery.formulaSeconds) : 'never';
  return [
    `a sidecar lost for ${time(outage.awaySeconds)}: ${count(recovery.waitingEvents)} events wait, ${drained} (by the formula: ${formula})`,
  ];
}

/** Stations that would need more than their whole time. */
function limitLines({ utilisation, waiting }: SimulationResult): string[] {
  const stations = [
    ['the publishers', utilisation.publisher, waiting.publishers],
    ['the stream', utilisation.stream, waiting.stream],
    ['the busiest sidecar', utilisation.busiestSidecar, waiting.sidecars],
  ] as const;
  return stations
    .filter(([, share]) => share > 0.99)
    .map(([name, , events]) => `no room: ${name} cannot keep up, ${count(events)} events wait there`);
}

/** The result for people. */
export function formatSimulation(settings: SimulationSettings, result: SimulationResult): string {
  const { rate, seconds, publishers, partitions, sidecars, eventsPerMessage } = settings;
  const { offered, applied, waiting, utilisation, lagSeconds } = result;
  const left = waiting.publishers + waiting.stream + waiting.sidecars;
  return [
    `${count(rate)} events/s for ${seconds} s: ${publishers} publishers, ${partitions} partitions, ${sidecars} sidecars, ${eventsPerMessage} events a message`,
    `events       ${count(offered)} offered, ${count(applied)} applied, ${count(left)} under way at the end`,
    `utilisation  publishers ${percent(utilisation.publisher)}, stream ${percent(utilisation.stream)}, sidecars ${percent(utilisation.sidecar)} (the busiest ${percent(utilisation.busiestSidecar)})`,
    `lag          p50 ${time(lagSeconds.p50)}, p99 ${time(lagSeconds.p99)}, at most ${time(lagSeconds.max)}`,
    ...recoveryLine(settings, result),
    ...limitLines(result),
  ].join('\n');
}
