import { formatDuration, formatPrice, formatQty } from './figures.js';

describe('formatDuration', () => {
  it.each([
    [0, '0 µs'],
    [0.000083, '83 µs'],
    [0.0009996, '1.00 ms'],
    [0.00124, '1.24 ms'],
    [0.9994, '999 ms'],
    [0.9996, '1.00 s'],
    [3.1, '3.10 s'],
    [9.996, '10.0 s'],
    [119.94, '119.9 s'],
    [119.97, '2 min 0 s'],
    [179.7, '3 min 0 s'],
    [-0.9996, '−1.00 s'],
    [-130, '−2 min 10 s'],
    [-1e-9, '0 µs'],
  ])('%d s: %s, in the unit that its rounded figure has', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatQty and formatPrice', () => {
  it('write nothing as 0 that is not 0', () => {
    expect([0, 1e-8, 0.00001234, 1234.5].map(formatQty)).toEqual([
      '0',
      '0.00000001',
      '0.00001234',
      '1,234.5',
    ]);
    expect([4e-9, 1.5e-12].map(formatQty)).toEqual(['4.0000e-9', '1.5000e-12']);
    expect([4e-9, 1e-15].map(formatPrice)).toEqual(['4.0000e-9', '1.0000e-15']);
    expect([0.00001234, 64_012.5].map(formatPrice)).toEqual(['0.00001234', '64,012.50']);
  });
});
