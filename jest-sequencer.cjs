const { basename } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/** What takes longest, first: begun last, it would run alone at the end, with one worker waiting for it. */
const LONG = [
  'package',
  'attack',
  'start',
  'link-states',
  'chaos',
  'outage',
  'idempotency',
  'web-quality',
  'proxy',
  'security',
  'ways-to-end',
  'web-outage',
  'protocol-model',
  'silent-peer',
  'replay',
  'spool-model',
  'hostile-input',
  'state',
];

const rankOf = ({ path }) => {
  const rank = LONG.indexOf(basename(path, '.spec.ts'));
  return rank === -1 ? LONG.length : rank;
};

module.exports = class LongestFirst extends Sequencer {
  /** Jest's own order is by what the last run took, or by size: a fresh clone has run nothing yet. */
  sort(tests) {
    return [...super.sort(tests)].toSorted((one, other) => rankOf(one) - rankOf(other));
  }
};
