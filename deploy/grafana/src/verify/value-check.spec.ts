import { checkValues, legendName, type NamedSeries } from './value-check.js';

const series = (name: string, ...values: number[]): NamedSeries => ({
  name,
  labels: {},
  points: values.map((value, index) => [index, value]),
});

describe('the check of values', () => {
  it('is content when every value of every series lies in the range, ends included', () => {
    expect(checkValues([series('a', 1, 2), series('b', 3)], [1, 3]).faults).toEqual([]);
  });

  it.each([
    ['no series', []],
    ['a series without points', [series('a')]],
    ['nothing but NaN', [series('a', Number.NaN, Number.NaN)]],
  ])('calls %s an empty result', (_, answer) => {
    expect(checkValues(answer, [0, 1]).faults).toEqual(['empty result']);
  });

  it('names the series and the first value outside', () => {
    expect(checkValues([series('a', 1), series('b', 1, 9)], [0, 2]).faults).toEqual([
      '"b" is 9, not within 0 … 2',
    ]);
    expect(checkValues([series('a', Number.POSITIVE_INFINITY)], [0, 2]).faults).toHaveLength(1);
  });

  it('with ranges by name wants exactly these series', () => {
    const expected = { buy: [1, 1], sell: [2, 2] } as const;
    expect(checkValues([series('buy', 1), series('sell', 2)], expected).faults).toEqual([]);
    expect(checkValues([series('buy', 2), series('hold', 1)], expected).faults).toEqual([
      'no series "sell"',
      '"buy" is 2, not within 1 … 1',
      'unexpected series "hold"',
    ]);
  });

  it('names a series as the legend does', () => {
    expect(legendName('{{side}}, last {{window}}{{none}}', { side: 'buy', window: '1m' })).toBe(
      'buy, last 1m',
    );
  });
});
