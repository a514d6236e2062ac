import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type MetricsFile, MetricsFileError, parseMetricsFile, readMetricsFile } from '../src/index.js';
import { RULES } from './tallies.fixture.js';

/** The faults of a text, a line each. */
function faultsOf(text: string): string[] {
  try {
    parseMetricsFile(text, RULES);
    return [];
  } catch (error) {
    if (!(error instanceof MetricsFileError)) throw error;
    return error.message.split('\n');
  }
}

/** A file with one metric and one schema. */
function fileWith(metric: object, schema?: object): string {
  return stringify({
    events: { order: { ...(schema && { schema }), metrics: [{ help: 'Help.', ...metric }] } },
  });
}

function read(text: string): MetricsFile {
  return parseMetricsFile(text, RULES);
}

describe('the file of metrics', () => {
  it('names every fault at once, each with its line and column', () => {
    const text = `events:
  trade:
    metrics:
      - counter: trades_total
        help: Taken.
  order:
    schema: { type: object, properties: { a: { pattern: '(?=x)' }, b: { $ref: '#' } } }
    metrics:
      - counter: orders
        help: No total.
        labels: { partition: { from: /p } }
      - histogram: order_seconds
        help: Without value.
        buckets: [1, 1]
      - gauge: trading_orders
        help: Ours.
        value: /n
`;
    expect(faultsOf(text)).toEqual([
      'metrics.yml:2:3: the type trade is taken',
      'metrics.yml:4:9: the name trades_total is taken by a metric of the sidecar',
      expect.stringMatching(/^metrics\.yml:7:48: the pattern cannot be run in linear time \(RE2\): /),
      expect.stringMatching(/^metrics\.yml:7:73: \$ref cannot be used: /),
      'metrics.yml:9:9: the name of a counter ends in _total',
      'metrics.yml:11:19: the sidecar sets the label partition itself',
      'metrics.yml:12:9: a histogram needs a value',
      'metrics.yml:14:9: buckets must rise',
      "metrics.yml:15:9: names that begin with trading_ are the sidecar's own",
    ]);
  });

  it.each(
    [
      ['', /the file must be object/],
      ['events: 5', /events must be object/],
      ['events: {}', /events must NOT have fewer than 1 properties/],
      ['event: {}', /the key event is not allowed here/],
      ['events: [', /:1:10: /],
      ['events:\n  a: &x { metrics: [*x] }', /a/],
      ['events: { order: { metrics: [] }, order: { metrics: [] } }', /:1:35: Map keys must be unique/],
      ['events: { __proto__: { metrics: [] } }', /:1:11: __proto__ is not a valid name here/],
      ["events: { '*': { metrics: [] } }", /\* is not a valid name here/],
      [fileWith({}), /a metric is exactly one of counter, gauge and histogram/],
      [fileWith({ counter: 'a_total', gauge: 'b', value: 1 }), /exactly one of/],
      [fileWith({ counter: 'a-b_total' }), /counter must match pattern/],
      [fileWith({ gauge: 'a' }), /a gauge needs a value/],
      [fileWith({ gauge: 'a_total', value: '/a' }), /does not end in _total/],
      [fileWith({ gauge: 'a', value: 'a' }), /value must match pattern/],
      [fileWith({ gauge: 'a', value: '/a~2' }), /value must match pattern/],
      [fileWith({ gauge: 'a', value: '/a', scale: '2' }), /scale must be number/],
      [fileWith({ gauge: 'a', value: '/a', bucket: [] }), /the key bucket is not allowed here/],
      [fileWith({ gauge: 'a', value: '/a', buckets: [1] }), /a gauge cannot have buckets/],
      [fileWith({ histogram: 'a', value: '/a' }), /a histogram needs buckets/],
      [
        fileWith({ histogram: 'a_count', value: '/a', buckets: [1] }),
        /does not end in _total, _bucket, _count/,
      ],
      [
        fileWith({ histogram: 'a', value: '/a', buckets: [1], labels: { le: 'x' } }),
        /the sidecar sets the label le/,
      ],
      [fileWith({ counter: 'a_total', value: -1 }), /a counter only rises/],
      [fileWith({ counter: 'a_total', labels: { __name__: 'x' } }), /labels that begin with __/],
      [fileWith({ counter: 'a_total', labels: { 'a-b': 'x' } }), /a-b is not a valid name here/],
      [fileWith({ counter: 'a_total', labels: { a: { from: '/a', max: 0 } } }), /max must be >= 1/],
      [fileWith({ counter: 'a_total', labels: { a: { max: 5 } } }), /must have required property 'from'/],
      [fileWith({ counter: 'a_total', where: { '/a': [] } }), /must NOT have fewer than 1 items/],
      [fileWith({ counter: 'a_total', where: { a: [1] } }), /a is not a valid name here/],
      [
        fileWith({ counter: 'a_total', labels: { a: { from: '/a', max: 8000 }, b: { from: '/b' } } }),
        /408051 samples/,
      ],
      [
        fileWith({ counter: 'a_total' }, { type: 'objekt' }),
        /:4:7: the schema is wrong: must be equal to one of/,
      ],
      [fileWith({ counter: 'a_total' }, { requird: ['a'] }), /unknown keyword: "requird"/],
      [fileWith({ counter: 'a_total' }, { $async: true }), /\$async cannot be used/],
      [fileWith({ counter: 'a_total' }, { uniqueItems: true }), /uniqueItems cannot be used/],
      [fileWith({ counter: 'a_total' }, { pattern: '((a{1,900}){1,900})' }), /linear time/],
      [fileWith({ counter: 'a_total' }, { patternProperties: { '(a)\\1': true } }), /linear time/],
      [fileWith({ counter: 'a_total' }, nested(40)), /nested more than 32 deep/],
      [
        fileWith({ counter: 'a_total' }, { enum: [1], allOf: Array.from({ length: 1001 }, () => ({})) }),
        /1000 subschemas/,
      ],
    ].map(([text, why]) => [why, text] as const) as [RegExp, string][],
  )('says %p', (why, text) => {
    expect(faultsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(why)]));
  });

  it.each([
    ['two metrics of one name', 'a_total', 'a_total', 'counter'],
    ['a gauge with the name of a counter without _total', 'a_total', 'a', 'gauge'],
    ['a histogram whose sum has the name of a gauge', 'a_sum_total', 'a', 'histogram'],
  ])('refuses %s', (_, counter, name, kind) => {
    const second = { [kind]: name, help: 'B.', value: 1, ...(kind === 'histogram' && { buckets: [1] }) };
    const text = stringify({
      events: { p: { metrics: [{ counter, help: 'A.' }] }, q: { metrics: [second] } },
    });
    expect(faultsOf(text)).toEqual([expect.stringMatching(/the name \w+ is taken by \w+ of the type p$/)]);
  });

  it('multiplies what an alias stands for, and refuses a schema that grows by that without end', () => {
    const layers = Array.from(
      { length: 12 },
      (_, n) => `  x${n + 1}: &x${n + 1} { anyOf: [*x${n}, *x${n}] }`,
    );
    const text = `events:\n  a:\n    example: &x0 { type: a }\n    schema:\n      properties:\n${layers
      .map((line) => `      ${line}`)
      .join('\n')}\n    metrics: [{ counter: a_total, help: A. }]\n`;
    expect(faultsOf(text)).toEqual([expect.stringMatching(/alias|subschemas/)]);
  });

  it('checks an example against the schema', () => {
    expect(read(withExample('X')).events.get('order')?.example).toEqual({ type: 'order', venue: 'X' });
    expect(faultsOf(withExample(5))).toEqual([
      expect.stringMatching(/: the example breaks the schema: \/venue must be string/),
    ]);
  });

  it('reads a thousand metrics, and refuses more before it looks at them', () => {
    expect(read(many(1000)).events.get('order')?.metrics).toHaveLength(1000);
    expect(faultsOf(many(6500))).toEqual(['metrics.yml:2:3: the file has 6500 metrics, the limit is 1000']);
    const folder = mkdtempSync(join(tmpdir(), 'metrics-file-'));
    const path = join(folder, 'm.yml');
    writeFileSync(path, many(10_000));
    expect(() => readMetricsFile(path, RULES)).toThrow(/the file has \d+ bytes, the limit is 262144/);
    expect(() => readMetricsFile(join(folder, 'none.yml'), RULES)).toThrow(
      'none.yml:1:1: the file cannot be read (ENOENT)',
    );
    writeFileSync(path, Buffer.from([0xff, 0xfe]));
    expect(() => readMetricsFile(path, RULES)).toThrow('the file is not UTF-8');
    expect(() => readMetricsFile('/dev/zero', RULES)).toThrow('/dev/zero:1:1: this is not a file');
    rmSync(folder, { recursive: true });
  });
});

/** A file with an example that has this venue. */
function withExample(venue: unknown): string {
  const schema = { required: ['venue'], properties: { venue: { type: 'string' } } };
  const metrics = [{ counter: 'a_total', help: 'A.' }];
  return stringify({ events: { order: { schema, example: { venue }, metrics } } });
}

/** A file of so many metrics. */
function many(count: number): string {
  const metrics = Array.from({ length: count }, (_, n) => `    - {gauge: g${n}, help: G, value: /a}\n`);
  return `events:\n  order:\n    metrics:\n${metrics.join('')}`;
}

function nested(depth: number): object {
  return depth === 0 ? {} : { not: { properties: { a: nested(depth - 1) } } };
}
