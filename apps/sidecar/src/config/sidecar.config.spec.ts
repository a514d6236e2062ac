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
      DRAIN_TIMEOUT_MS: 'soon',
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

  it('refuses an empty list of addresses', () => {
    expect(() => load({ SIDECAR_ZMQ_BIND: ',' })).toThrow(/SIDECAR_ZMQ_BIND/);
  });
});
