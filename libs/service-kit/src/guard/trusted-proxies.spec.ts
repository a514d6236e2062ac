import type { IncomingHttpHeaders } from 'node:http';
import { TrustedProxies } from './trusted-proxies.js';

const proxies = new TrustedProxies(['127.0.0.1', '10.1.0.0/16', 'fd00::/8']);
const addressBehind = (peer: string, headers: IncomingHttpHeaders): string | undefined =>
  proxies.outerOf(peer, headers)?.address;

describe('TrustedProxies', () => {
  it.each<[string, string]>([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['10.1.2.3', '10.1.2.3'],
    ['unknown', '127.0.0.1'],
    ['203.0.113.9, <script>', '127.0.0.1'],
  ])('takes from "%s" the client that the last trusted proxy saw: %s', (list, client) => {
    expect(addressBehind('127.0.0.1', { 'x-forwarded-for': list })).toBe(client);
  });

  it.each(['::ffff:127.0.0.1', '10.1.255.255', 'fd00::1', 'fd00::1%eth0'])('believes the peer %s', (peer) => {
    expect(addressBehind(peer, { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9');
  });

  it.each(['127.0.0.2', '10.2.0.1', '::1', 'fe80::1%eth0', undefined])('does not believe %s', (peer) => {
    expect(proxies.outerOf(peer, { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' })).toBe(
      undefined,
    );
  });

  it('reads the whole of what RFC 7239 has', () => {
    const forwarded =
      'for=198.51.100.1;host=evil.example, For="[2001:db8::1]:47;1";HOST="Desk.example";proto=https';
    expect(proxies.outerOf('127.0.0.1', { forwarded: forwarded.replace('47;1', '4711') })).toEqual({
      address: '2001:db8::1',
      host: 'desk.example',
      scheme: 'https',
    });
    expect(addressBehind('127.0.0.1', { forwarded: 'for="a,b;for=1.2.3.4"' })).toBe('127.0.0.1');
  });

  it('takes host and scheme of the outermost proxy, and never what its client wrote before it', () => {
    const headers = {
      'x-forwarded-for': '203.0.113.9, 10.1.0.7',
      'x-forwarded-host': 'evil.example, desk.example, inner.example',
      'x-forwarded-proto': 'https, http',
      'x-forwarded-port': '8443, 8000',
    };
    expect(proxies.outerOf('127.0.0.1', headers)).toEqual({
      address: '203.0.113.9',
      host: 'desk.example:8443',
      scheme: 'https',
    });
  });

  it('takes neither kind where a client could have written one of them', () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=198.51.100.1' };
    expect(proxies.outerOf('127.0.0.1', headers)).toBe(undefined);
    const same = { ...headers, forwarded: 'for=203.0.113.9' };
    expect(addressBehind('127.0.0.1', same)).toBe('203.0.113.9');
  });

  it('has nothing to say where no proxy said anything', () => {
    expect(proxies.outerOf('127.0.0.1', {})).toBe(undefined);
  });

  it.each(['', 'proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'fd00::/129', '10.0.0.256'])(
    'refuses "%s", which is no address and no network',
    (proxy) => {
      expect(() => new TrustedProxies([proxy])).toThrow(`"${proxy}" is neither`);
    },
  );
});
