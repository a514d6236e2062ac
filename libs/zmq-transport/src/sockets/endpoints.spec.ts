import { networkInterfaces } from 'node:os';
import { InvalidOptionsError } from '@app/transport-core';
import { Push } from 'zeromq';
import { endpointFault, resolveEndpoints } from './endpoints.js';
import type { RawSocketOptions } from './socket-settings.js';
import { socketSettings } from './socket-settings.js';

describe('resolveEndpoints', () => {
  it('takes one address or several', () => {
    expect(resolveEndpoints({ bind: 'tcp://127.0.0.1:*' })).toEqual({
      role: 'bind',
      addresses: ['tcp://127.0.0.1:*'],
    });
    expect(resolveEndpoints({ connect: ['ipc:///tmp/a', 'inproc://b'] }).addresses).toHaveLength(2);
  });

  it.each([
    [{}, 'exactly one'],
    [{ bind: 'tcp://a:1', connect: 'tcp://a:1' }, 'exactly one'],
    [{ connect: [] }, 'names no address'],
    [{ connect: 'localhost:5555' }, '"localhost:5555"'],
    [{ bind: ['tcp://127.0.0.1:1', ''] }, '""'],
  ])('refuses %j', (endpoints, message) => {
    expect(() => resolveEndpoints(endpoints)).toThrow(InvalidOptionsError);
    expect(() => resolveEndpoints(endpoints)).toThrow(message);
  });
});

describe('endpointFault', () => {
  it.each([
    'tcp://127.0.0.1:5555',
    'tcp://[::1]:5555',
    'tcp://[fe80::1%lo]:5555',
    'tcp://[::ffff:127.0.0.1]:65535',
    'tcp://localhost:1',
    'ipc:///run/trades.sock',
    `ipc://${'x'.repeat(107)}`,
    'ipc://@trades',
    'inproc://trades',
  ])('lets %s pass, for either role', (address) => {
    expect([endpointFault(address, 'bind'), endpointFault(address, 'connect')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each(['tcp://*:5555', 'tcp://127.0.0.1:*', 'tcp://0.0.0.0:5555', 'tcp://[::]:5555', 'ipc://*'])(
    'lets %s be bound, and not be connected to',
    (address) => {
      expect(endpointFault(address, 'bind')).toBeUndefined();
      expect(endpointFault(address, 'connect')).toEqual(expect.any(String));
    },
  );

  it.each(['tcp://sidecar:5555', 'tcp://trades.example_x.com.:5555'])(
    'lets %s be connected to, and not be bound: what listens has an address, and no name',
    (address) => {
      expect(endpointFault(address, 'connect')).toBeUndefined();
      expect(endpointFault(address, 'bind')).toContain('no address or network interface');
    },
  );

  it('takes the name of a network interface for what listens', () => {
    const [name = ''] = Object.keys(networkInterfaces());
    expect(endpointFault(`tcp://${name}:5555`, 'bind')).toBeUndefined();
  });

  it.each([
    ['tcp://127.0.0.1', 'no port'],
    ['tcp://127.0.0.1/', 'no port'],
    ['tcp://127.0.0.1:', 'no port'],
    ['tcp://127.0.0.1:5555/', 'something after its port'],
    ['tcp://127.0.0.1:5555/trades', 'something after its port'],
    ['tcp://127.0.0.1:0', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:65536', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:70000', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:-1', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:+5555', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:0x15b3', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:1e4', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:05555', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:5555.5', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:5555;127.0.0.1:1', 'one host and one port'],
    ['tcp://127.0.0.1: 5555', 'a space'],
    ['tcp://127.0.0.1:5555\n', 'a space'],
    ['tcp://127.1:5555', 'not an IPv4 address'],
    ['tcp://0177.0.0.1:5555', 'not an IPv4 address'],
    ['tcp://0x7f.1:5555', 'not an IPv4 address'],
    ['tcp://2130706433:5555', 'not an IPv4 address'],
    ['tcp://256.0.0.1:5555', 'not an IPv4 address'],
    ['tcp://:5555', 'no host'],
    ['tcp://::1:5555', 'brackets'],
    ['tcp://[::1]', 'no port'],
    ['tcp://[127.0.0.1]:5555', 'no valid IPv6 address'],
    ['tcp://[]:5555', 'no valid IPv6 address'],
    ['tcp://[fe80::1]:5555', 'needs its interface'],
    ['tcp://[fe80::1%nowhere0]:5555', 'network interface'],
    ['TCP://127.0.0.1:5555', 'not a tcp://'],
    ['udp://127.0.0.1:5555', 'not a tcp://'],
    ['ws://127.0.0.1:5555', 'not a tcp://'],
    ['http://127.0.0.1:5555', 'not a tcp://'],
    ['127.0.0.1:5555', 'not a tcp://'],
    ['ipc://', 'no path'],
    [`ipc://${'x'.repeat(108)}`, '108 bytes'],
    [`ipc://${'ü'.repeat(54)}`, '108 bytes'],
    ['inproc://', 'no name'],
  ])('refuses %j, for either role', (address, words) => {
    for (const role of ['bind', 'connect'] as const) expect(endpointFault(address, role)).toContain(words);
  });

  it('names every address that is wrong, and one that comes twice, without a password', () => {
    const connect = ['tcp://a', 'tcp://b:1', 'tcp://b:1', 'tcp://me:secret@c:1'];
    expect(() => resolveEndpoints({ connect })).toThrow(
      /^`connect`: "tcp:\/\/a" has no port.*; "tcp:\/\/b:1" is named twice; "tcp:\/\/\(hidden\)@c:1" /,
    );
  });
});

describe('socketSettings', () => {
  it('always has a linger, a back-off and keep-alive, and never ZMTP heartbeats', () => {
    expect(socketSettings({})).toEqual({
      linger: 5000,
      reconnectInterval: 100,
      reconnectMaxInterval: 2000,
      tcpKeepalive: 1,
      tcpKeepaliveIdle: 5,
      tcpKeepaliveInterval: 5,
      tcpKeepaliveCount: 6,
    });
  });

  it('asks the system for whole seconds, at least one', () => {
    expect(socketSettings({ heartbeatIntervalMs: 50 })).toMatchObject({ tcpKeepaliveIdle: 1 });
    expect(socketSettings({ heartbeatIntervalMs: 1500 })).toMatchObject({ tcpKeepaliveInterval: 2 });
  });

  it('lets a peer be silent for ever with heartbeats off', () => {
    expect(socketSettings({ heartbeatIntervalMs: 0 })).toMatchObject({ tcpKeepalive: 0 });
  });

  it.each([-1, 0.5, 32_767_001])('refuses a heartbeat interval of %p', (heartbeatIntervalMs) => {
    expect(() => socketSettings({ heartbeatIntervalMs })).toThrow('`heartbeatIntervalMs`');
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2_592_000_000])(
    'refuses a linger of %p',
    (lingerMs) => {
      expect(() => socketSettings({ lingerMs })).toThrow('`lingerMs`');
    },
  );
});

describe('socketOptions', () => {
  it('reach the sockets as they are', () => {
    const settings = socketSettings({ socketOptions: { tcpMaxRetransmitTimeout: 3000, backlog: 7 } });
    const socket = new Push(settings);
    expect([socket.tcpMaxRetransmitTimeout, socket.backlog, socket.linger]).toEqual([3000, 7, 5000]);
    socket.close();
  });

  it.each([
    [{ linger: 0 }, '`socketOptions.linger` cannot be set; these can: affinity, '],
    [{ tcpMaxRetransmitTimeuot: 1 }, '`socketOptions.tcpMaxRetransmitTimeuot` cannot be set'],
    [{ ipv6: true }, '`socketOptions.ipv6` cannot be set'],
    [{ loopbackFastPath: 1 }, '`socketOptions.loopbackFastPath` must be a boolean, not 1'],
    [{ connectTimeout: Number.NaN }, '`socketOptions.connectTimeout` must be a number, not NaN'],
  ])('%j are refused', (socketOptions, message) => {
    expect(() => socketSettings({ socketOptions: socketOptions as RawSocketOptions })).toThrow(message);
  });
});
