import { ConfigurationError } from '../config/config-loader.js';
import { describeBootFailure } from './boot-failure.js';

const ADDRESS = { HOST: '127.0.0.1', PORT: 8000 };

function listenError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'listen' });
}

describe('describeBootFailure', () => {
  it('says a taken port in one line', () => {
    expect(describeBootFailure('publisher', listenError('EADDRINUSE'), ADDRESS)).toEqual({
      text: 'publisher: port 8000 on 127.0.0.1 is already in use; set PORT to another\n',
      exitCode: 1,
    });
  });

  it('says in one line that a host is not an address of this machine', () => {
    const failure = describeBootFailure('publisher', listenError('EADDRNOTAVAIL'), ADDRESS);
    expect(failure.text).toBe(
      'publisher: cannot listen on port 8000 on 127.0.0.1 (EADDRNOTAVAIL); set HOST to an address of this machine\n',
    );
  });

  it('lists all configuration faults and exits 78', () => {
    const error = new ConfigurationError([
      { key: 'HOST', message: 'is bad' },
      { key: 'PORT', message: 'is worse' },
    ]);
    expect(describeBootFailure('publisher', error, undefined)).toEqual({
      text: 'publisher: the configuration cannot be used:\n  HOST: is bad\n  PORT: is worse\n',
      exitCode: 78,
    });
  });

  it('says what nobody foresaw in one line, with its cause and its place, and without a stack', () => {
    const cause = new TypeError('x is no\n  function');
    const failure = describeBootFailure('publisher', new Error('boom', { cause }), ADDRESS);
    expect(failure.exitCode).toBe(1);
    expect(failure.text).toMatch(
      /^publisher: could not start: Error: boom, because of TypeError: x is no function \(at .*boot-failure\.spec.*\)\n$/,
    );
  });
});
