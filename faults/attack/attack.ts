import type { Bounds } from './ground/bounds.js';
import type { Ground } from './ground/ground.js';

/** - `open`: as `npm start` runs it: at most once, no token
 *  - `closed`: durable, with kept state, a token, addresses with credentials in them, and a low rate limit
 *  - `alone`: the attack itself starts what it needs */
export type Setting = 'open' | 'closed' | 'alone';

interface AttackBase {
  readonly name: string;
  /** For `--list`: what a stranger does. */
  readonly title: string;
  /** Whether `--short` includes it. */
  readonly isShort: boolean;
}

/** One against a running pair of apps, beside an honest producer. */
export interface GroundAttack extends AttackBase {
  readonly setting: 'open' | 'closed';
  readonly bounds?: Partial<Bounds>;
  /** @returns what the attack itself saw go wrong, one sentence each */
  run(ground: Ground): Promise<string[]>;
}

/** One that needs apps of its own, in a folder of its own. */
export interface LoneAttack extends AttackBase {
  readonly setting: 'alone';
  /** @returns what went wrong, one sentence each */
  run(folder: string): Promise<string[]>;
}

/** A small program for one hole. */
export type Attack = GroundAttack | LoneAttack;
