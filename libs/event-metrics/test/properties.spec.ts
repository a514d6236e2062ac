import fc from 'fast-check';
import { stringify } from 'yaml';
import { PlainInterpreter } from './plain-interpreter.js';
import { EventPlans, EventTallies, parseMetricsFile } from '../src/index.js';
import { RULES, samplesOf, talliesOf } from './tallies.fixture.js';

const KEYS = ['a', 'b', 'length', 'constructor', '__proto__', '0'];
const pointer = fc
  .array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 2, size: '-1' })
  .map((keys) => `/${keys.join('/')}`);
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'x',
    'y',
    'z',
    'other',
    '',
    '\u0001"\\',
    '\ud800',
    '\ud801',
    'l'.repeat(129),
    true,
    null,
    -0,
  ),
  fc.double({ noNaN: true }),
  fc.integer({ min: -3, max: 9 }),
);
/** As JSON has it: `__proto__` is a field like any other. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: scalar, weight: 6 },
    { arbitrary: fc.array(tie('any'), { maxLength: 2 }), weight: 1 },
    {
      arbitrary: fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('any')), { maxLength: 5 }).map(ownFields),
      weight: 1,
    },
  ),
})).any;

function ownFields(entries: readonly (readonly [string, unknown])[]): object {
  const fields = entries.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each) ?? 'null'}`);
  return JSON.parse(`{${fields.join(',')}}`) as object;
}

const label = fc.oneof(
  fc.constantFrom('desk', 7),
  fc.record(
    { from: pointer, max: fc.integer({ min: 1, max: 3 }), default: fc.constantFrom('none', 'x') },
    { requiredKeys: ['from'] },
  ),
  fc.record({ from: pointer, values: fc.constant(['x', 'y']) }),
);
const shared = {
  help: fc.constant('Random.'),
  labels: fc.dictionary(fc.constantFrom('l1', 'l2'), label, { maxKeys: 2 }),
  where: fc.dictionary(pointer, fc.array(fc.constantFrom<unknown>('x', 1, true, null), { minLength: 1 }), {
    maxKeys: 1,
  }),
  scale: fc.constantFrom(1, 0.001, 1e9),
};
const required = { requiredKeys: ['help'] as 'help'[] };
const amount = fc.oneof(pointer, fc.constantFrom(0, 1, 2.5));
const metric = fc.oneof(
  fc.record({ ...shared, value: amount }, required).map((rest) => ({ counter: '_total', ...rest })),
  fc
    .record({ ...shared, value: amount }, { requiredKeys: ['help', 'value'] })
    .map((rest) => ({ gauge: '', ...rest })),
  fc
    .record({ ...shared, value: amount }, { requiredKeys: ['help', 'value'] })
    .map((rest) => ({ histogram: '', buckets: [-1, 0, 0.5, 2], ...rest })),
);
const schema = fc.constantFrom<object | undefined>(
  undefined,
  { type: 'object', required: ['a'] },
  { properties: { a: { type: ['number', 'string'] }, b: { not: { const: 'x' } } } },
  { properties: { a: { pattern: '^[xy]?$' } } },
);
const type = fc.record({ schema, metrics: fc.array(metric, { minLength: 1, maxLength: 3 }) });
const file = fc.record({ p: type, q: type });

/** The YAML of a random file, each metric with a name of its own. */
function yamlOf(types: Readonly<Record<string, { schema?: object; metrics: readonly object[] }>>): string {
  const events = Object.entries(types).map(([name, { schema: form, metrics }]) => {
    const named = metrics.map((each, index) => {
      const [[kind = '', ending] = []] = Object.entries(each) as [string, string][];
      return { ...each, [kind]: `${name}_${index}${ending}` };
    });
    return [name, { ...(form && { schema: form }), metrics: named }];
  });
  return stringify({ events: Object.fromEntries(events) as object }, { aliasDuplicateObjects: false });
}

const event = fc
  .tuple(
    fc.constantFrom('p', 'q'),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), value), { minLength: 6, maxLength: 12 }),
  )
  .map(([name, fields]) => ownFields([...fields, ['type', name]]) as Record<string, unknown>);

describe('random files and events', () => {
  it('give what the plain interpreter gives, in batches, and after keeping and restoring', () => {
    fc.assert(
      fc.property(file, fc.array(event, { minLength: 30, maxLength: 60 }), (types, events) => {
        const yaml = yamlOf(types);
        const definitions = parseMetricsFile(yaml, RULES);
        const plain = new PlainInterpreter(definitions);
        for (const each of events) plain.apply(each);
        const tallies = talliesOf(yaml);
        let rejected = 0;
        for (let start = 0; start < events.length;) {
          const of = events[start]?.type as string;
          const length = events.slice(start).findIndex((each) => each.type !== of);
          const end = length === -1 ? events.length : start + length;
          tallies.record(of, events.slice(start, end), 1 + start, () => (rejected += 1));
          start = end;
        }
        expect({ samples: samplesOf(tallies), rejected }).toEqual({
          samples: plain.samples,
          rejected: plain.rejected,
        });

        const restored = new EventTallies(new EventPlans(definitions));
        expect(restored.restoreText(tallies.text())).toBe(0);
        expect(samplesOf(restored)).toEqual(samplesOf(tallies));
        expect(samplesOf(tallies.under(new EventPlans(definitions)).tallies)).toEqual(samplesOf(tallies));
      }),
      { numRuns: 60 },
    );
  });
});
