import { visitorKey, Visitors } from './visitors.js';

describe('Visitors', () => {
  it('counts what one address asks in one second, and begins anew after it', () => {
    let nowMs = 0;
    const visitors = new Visitors(() => nowMs);
    visitors.at('10.0.0.1').requests += 2;
    nowMs = 999;
    expect(visitors.at('10.0.0.1').requests).toBe(2);
    expect(visitors.at('10.0.0.2').requests).toBe(0);
    nowMs = 1000;
    expect(visitors.at('10.0.0.1').requests).toBe(0);
  });

  it('remembers a bounded number, and never forgets one that holds something open', () => {
    const visitors = new Visitors(() => 0);
    const holding = visitors.at('holder');
    holding.streams = 1;
    visitors.at('other').requests = 5;
    for (let n = 0; n < 20_000; n += 1) visitors.at(`10.${n}`);
    expect(visitors.at('holder')).toBe(holding);
    expect(visitors.at('other').requests).toBe(0);
  });

  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('takes %s for %s', (address, key) => {
    expect(visitorKey(address)).toBe(key);
  });

  it('has one count for all addresses of an IPv6 network', () => {
    const visitors = new Visitors(() => 0);
    visitors.at('2001:db8::1').requests = 3;
    expect(visitors.at('2001:db8::2').requests).toBe(3);
    expect(visitors.at('2001:db8:0:1::2').requests).toBe(0);
  });
});
