import { InvalidOptionsError } from '@app/transport-core';
import { resolveEndpoints, socketSettings } from './socket-settings.js';

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

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a linger of %p', (lingerMs) => {
    expect(() => socketSettings({ lingerMs })).toThrow('`lingerMs`');
  });
});
