import { hostName, HostPolicy } from './host-policy.js';

describe('HostPolicy', () => {
  const policy = new HostPolicy(['desk.example', 'Publisher']);

  it.each([
    'localhost:8000',
    'LOCALHOST',
    'desk.localhost:1',
    '127.0.0.1:8000',
    '192.168.1.20',
    '[::1]:8000',
    'desk.example:8000',
    'publisher:8000',
    'desk.example.',
  ])('allows %s', (host) => {
    expect(policy.allows(host)).toBe(true);
  });

  it.each([
    'evil.example:8000',
    'localhost.evil.example',
    'notlocalhost',
    'desk.example.evil.example',
    '127.0.0.1.evil.example:8000',
    '[::1',
    '',
    undefined,
  ])('refuses %p', (host) => {
    expect(policy.allows(host)).toBe(false);
  });

  it('reads the name out of an authority', () => {
    expect([hostName('A.example:80'), hostName('[::1]:80'), hostName('a.')]).toEqual([
      'a.example',
      '::1',
      'a',
    ]);
  });
});
