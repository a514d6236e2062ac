export { fixedArrivals, poissonArrivals } from './arrivals.js';
export { hawkesArrivals, type HawkesParameters } from './hawkes-arrivals.js';
export { type MadeTrade, Market } from './market.js';
export { quantities, type QuantityLaw } from './quantity-law.js';
export { RandomSource } from './random-source.js';
