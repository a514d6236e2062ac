import { canonicalOf, cloneOf } from './state-graph.js';

/** A system that can be in many states, and goes from one to the next by steps that have names. */
export interface Explorable {
  /** What may happen next. */
  steps(): string[];
  /** Whether a step is something that goes wrong. */
  isFault(step: string): boolean;
  /** Whether everything was brought over. */
  readonly isDone: boolean;
  /** Does one of them. @throws when what must always hold does not */
  take(step: string): void;
  /** Goes on without further faults until nothing is left to do. @throws when it cannot get there */
  finish(): void;
}

/** A way from the first state to one where something does not hold. */
export interface CounterExample {
  readonly violation: string;
  readonly path: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** Whether all states within the bounds were seen. */
  readonly isComplete: boolean;
  readonly found: CounterExample | undefined;
}

interface Visited<T> {
  readonly state: T;
  readonly parent: number;
  readonly step: string;
}

/** Breadth first, so that the way to a violation is a shortest one. */
export function explore<T extends Explorable & object>(first: T, maxStates: number): Exploration {
  const seen = new Map<string, number>([[canonicalOf(first), 0]]);
  /** For each state, those from which an undisturbed step leads to it. */
  const before: number[][] = [[]];
  const done: number[] = [];
  const visited: (Visited<T> | Omit<Visited<T>, 'state'>)[] = [{ state: first, parent: -1, step: '' }];
  let steps = 0;
  const result = (isComplete: boolean, found?: CounterExample): Exploration => ({
    states: visited.length,
    steps,
    isComplete,
    found,
  });
  for (let index = 0; index < visited.length; index += 1) {
    const { state, parent, step } = visited[index] as Visited<T>;
    // Of a state that was left only the way to it is wanted.
    visited[index] = { parent, step };
    if (state.isDone) {
      done.push(index);
    }
    for (const step of state.steps()) {
      const next = cloneOf(state);
      steps += 1;
      const violation = violationOf(() => next.take(step));
      if (violation !== undefined) {
        return result(false, { violation, path: [...pathTo(visited, index), step] });
      }
      const key = canonicalOf(next);
      let at = seen.get(key);
      if (at === undefined) {
        if (visited.length >= maxStates) {
          return result(false);
        }
        at = visited.length;
        seen.set(key, at);
        before.push([]);
        visited.push({ state: next, parent: index, step });
      }
      if (!state.isFault(step)) {
        before[at]?.push(index);
      }
    }
  }
  return result(true, findDeadEnd(first, visited, leadingTo(done, before)));
}

/** Which states lead to one of `goals`. */
function leadingTo(goals: readonly number[], before: readonly (readonly number[])[]): Set<number> {
  const good = new Set(goals);
  for (const index of good) {
    // A Set goes on with what is added while it is walked.
    before[index]?.forEach((earlier) => good.add(earlier));
  }
  return good;
}

/** Of those that do not, all should get there by what `finish` adds: the patience of whoever waits for long. */
function findDeadEnd<T extends Explorable & object>(
  first: T,
  visited: readonly { readonly parent: number; readonly step: string }[],
  good: ReadonlySet<number>,
): CounterExample | undefined {
  for (let index = 0; index < visited.length; index += 1) {
    if (!good.has(index)) {
      const path = pathTo(visited, index);
      const state = cloneOf(first);
      path.forEach((step) => state.take(step));
      const violation = violationOf(() => state.finish());
      if (violation !== undefined) {
        return { violation, path };
      }
    }
  }
  return undefined;
}

function violationOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Violation ? error.message : String((error as Error).stack);
  }
}

/** Something that must always hold does not. */
export class Violation extends Error {}

/** @throws Violation */
export function must(holds: boolean, what: string): void {
  if (!holds) {
    throw new Violation(what);
  }
}

function pathTo(
  visited: readonly { readonly parent: number; readonly step: string }[],
  index: number,
): string[] {
  const path: string[] = [];
  for (let at = index; at > 0; at = visited[at]?.parent ?? 0) {
    path.unshift(visited[at]?.step ?? '');
  }
  return path;
}
