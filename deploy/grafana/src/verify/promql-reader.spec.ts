import { expandMacros, metricsOf, selectorsOf, syntaxFaults } from './promql-reader.js';

describe('the reader of PromQL', () => {
  it('expands the macros of Grafana, and refuses what it does not know', () => {
    expect(expandMacros('rate(a[$__rate_interval])')).toBe('rate(a[4s])');
    expect(() => expandMacros('rate(a{job="$job"}[1m])')).toThrow('nothing expands $job');
    expect(() => expandMacros('rate(a[$__unheard_of])')).toThrow('nothing expands $__unheard_of');
  });

  it.each(['sum by (side) (rate(a[1m])', 'rate(a[)', 'a +', 'histogram_quantile(0.9, sum by le (b))'])(
    'finds the fault in %s',
    (expression) => {
      expect(syntaxFaults(expression)).not.toEqual([]);
    },
  );

  it('finds none where there is none', () => {
    expect(syntaxFaults('sum by (le) (rate(a_bucket{le!="+Inf"}[1m])) > 0 unless b or vector(0)')).toEqual(
      [],
    );
  });

  it('tells metrics from functions and labels', () => {
    const expression = 'sum by (job) (rate(a{job="b"}[1m])) / on (job) side:c:rate1m > a{job="b"}';
    expect(selectorsOf(expression)).toEqual(['a{job="b"}', 'side:c:rate1m']);
    expect(metricsOf(expression)).toEqual(['a', 'side:c:rate1m']);
  });
});
