import { loadConfig } from '@app/service-kit';
import { SidecarConfig } from './sidecar.config.js';

const load = (env: NodeJS.ProcessEnv): SidecarConfig =>
  loadConfig(SidecarConfig, { envFile: 'no-such-file', env });

describe('SidecarConfig', () => {
  it('has the promised defaults', () => {
    expect(load({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8001,
      SIDECAR_ZMQ_BIND: ['tcp://127.0.0.1:5555'],
      MAX_FRAME_BYTES: 1024 * 1024,
    });
    expect(load({}).DEAD_LETTER_FILE).toBeUndefined();
  });

  it('reads numbers, and several addresses separated by commas', () => {
    const config = load({
      PORT: '9001',
      SIDECAR_ZMQ_BIND: 'tcp://0.0.0.0:5555, ipc:///tmp/trades',
      DEAD_LETTER_FILE: 'x',
    });
    expect(config).toMatchObject({
      PORT: 9001,
      SIDECAR_ZMQ_BIND: ['tcp://0.0.0.0:5555', 'ipc:///tmp/trades'],
      DEAD_LETTER_FILE: 'x',
    });
  });

  it('names every faulty setting at once', () => {
    const faulty = {
      PORT: '70000',
      SIDECAR_ZMQ_BIND: 'localhost:5555',
      DEAD_LETTER_MAX_COUNT: '-1',
      DRAIN_TIMEOUT_MS: '2147483648',
      HOST: '0x7f.1',
      MAX_BATCH_EVENTS: '1e3',
    };
    expect(() => load(faulty)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIGURATION',
        faults: expect.arrayContaining(Object.keys(faulty).map((key) => expect.objectContaining({ key }))),
      }),
    );
  });

  it('takes the sockets that its delivery needs, and refuses others', () => {
    expect(load({}).pair).toBe('push-pull');
    expect(load({ DELIVERY: 'durable' }).pair).toBe('dealer-router');
    expect(load({ ZMQ_PAIR: 'pub-sub' }).pair).toBe('pub-sub');
    expect(() => load({ DELIVERY: 'acknowledged', ZMQ_PAIR: 'pub-sub' })).toThrow(
      /ZMQ_PAIR.*DELIVERY=acknowledged needs dealer-router/,
    );
  });

  it.each([
    ['tcp://sidecar:5555', 'no network interface of this machine'],
    ['tcp://127.0.0.1:70000', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:5555,tcp://127.0.0.1:5555', 'is named twice'],
    ['inproc://trades', 'outside of this process'],
  ])('says why it does not listen on %s', (SIDECAR_ZMQ_BIND, words) => {
    expect(() => load({ SIDECAR_ZMQ_BIND })).toThrow(words);
  });

  it('refuses an empty list of addresses', () => {
    expect(() => load({ SIDECAR_ZMQ_BIND: ',' })).toThrow(/SIDECAR_ZMQ_BIND/);
  });
});
