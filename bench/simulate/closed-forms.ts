import type { Costs } from './costs.js';

/** The share of its time that a server works: ρ = λ / μ. */
export function utilisation(ratePerSecond: number, capacityPerSecond: number): number {
  return ratePerSecond / capacityPerSecond;
}

/** How long a message waits on average before its service begins, with Poisson arrivals and equal services (M/D/1). */
export function meanWaitSeconds(ratePerSecond: number, serviceSeconds: number): number {
  const load = ratePerSecond * serviceSeconds;
  return load < 1 ? (load * serviceSeconds) / (2 * (1 - load)) : Number.POSITIVE_INFINITY;
}

/**
 * How long the backlog of an outage takes to drain, while events go on coming:
 * (outage · λ + warm-up · μ + what is read again) / (μ − λ), where the reading ends before the drain does.
 */
export function drainSeconds(
  outageSeconds: number,
  ratePerSecond: number,
  capacityPerSecond: number,
  warmUpSeconds = 0,
  readAgainEvents = 0,
): number {
  return ratePerSecond < capacityPerSecond
    ? (outageSeconds * ratePerSecond + warmUpSeconds * capacityPerSecond + readAgainEvents) /
        (capacityPerSecond - ratePerSecond)
    : Number.POSITIVE_INFINITY;
}

/** Events a second that one sidecar handles when messages always wait, in every one of its partitions. */
export function sidecarCapacity(costs: Costs, eventsPerMessage: number): number {
  const { handleEventSeconds, handleMessageSeconds, commitSeconds, turnMessages } = costs;
  const messageSeconds =
    eventsPerMessage * handleEventSeconds + handleMessageSeconds + commitSeconds / turnMessages;
  return eventsPerMessage / messageSeconds;
}

/** Events a second that one publisher sends at most. */
export function publisherCapacity(costs: Costs, eventsPerMessage: number): number {
  return eventsPerMessage / (costs.publishMessageSeconds + eventsPerMessage * costs.publishEventSeconds);
}

/** Events a second that one stream stores at most. */
export function streamCapacity(costs: Costs, eventsPerMessage: number): number {
  return eventsPerMessage / (costs.storeMessageSeconds + eventsPerMessage * costs.storeEventSeconds);
}
