import { BearerToken } from './bearer-token.js';

describe('BearerToken', () => {
  const token = new BearerToken('right-token-of-16');

  it.each([
    ['Bearer right-token-of-16', 'right'],
    ['bearer  right-token-of-16', 'right'],
    ['Bearer right-token-of-1', 'wrong'],
    ['Bearer right-token-of-16 more', 'wrong'],
    ['Bearer', 'wrong'],
    ['Basic right-token-of-16', 'missing'],
    ['', 'missing'],
    [undefined, 'missing'],
  ] as const)('finds %p %s', (authorization, verdict) => {
    expect(token.judge(authorization)).toBe(verdict);
  });
});
