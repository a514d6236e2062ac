import { ConfigurationError, loadConfig } from '@app/service-kit';
import { PublisherConfig } from './publisher.config.js';

const load = (env: NodeJS.ProcessEnv) => loadConfig(PublisherConfig, { envFile: 'no/such/.env', env });

describe('PublisherConfig', () => {
  it('has the promised defaults', () => {
    const { HOST, PORT, WEBAPP_ZMQ_ADDR } = load({});
    expect({ HOST, PORT, WEBAPP_ZMQ_ADDR }).toEqual({
      HOST: '127.0.0.1',
      PORT: 8000,
      WEBAPP_ZMQ_ADDR: ['tcp://127.0.0.1:5555'],
    });
  });

  it('takes a list of addresses', () => {
    const { WEBAPP_ZMQ_ADDR } = load({ WEBAPP_ZMQ_ADDR: 'tcp://a:1, ipc:///run/b.sock' });
    expect(WEBAPP_ZMQ_ADDR).toEqual(['tcp://a:1', 'ipc:///run/b.sock']);
  });

  it('takes the sockets that its delivery needs', () => {
    expect(load({}).pair).toBe('push-pull');
    expect(load({ DELIVERY: 'acknowledged' }).pair).toBe('dealer-router');
    expect(load({ DELIVERY: 'durable', ZMQ_PAIR: 'dealer-router' }).pair).toBe('dealer-router');
    expect(load({ ZMQ_PAIR: 'pub-sub' }).pair).toBe('pub-sub');
  });

  it('names all that contradicts its delivery at once', () => {
    const faulty = { DELIVERY: 'durable', ZMQ_PAIR: 'push-pull', WEBAPP_ZMQ_ADDR: 'tcp://a:1,tcp://b:2' };
    expect(() => load(faulty)).toThrow(
      expect.objectContaining({
        faults: [
          { key: 'WEBAPP_ZMQ_ADDR', message: expect.stringContaining('DELIVERY=durable needs exactly one') },
          {
            key: 'ZMQ_PAIR',
            message: expect.stringContaining('DELIVERY=durable needs ZMQ_PAIR=dealer-router'),
          },
        ],
      }),
    );
  });

  it.each([
    [{}, true],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'production', DEMO: 'on' }, true],
    [{ NODE_ENV: 'test', DEMO: 'off' }, false],
  ])('with %p has a demo: %p', (env, hasDemo) => {
    expect(load(env).hasDemo).toBe(hasDemo);
  });

  it('takes NATS_URL in place of ZeroMQ, where every event is acknowledged', () => {
    const config = load({ NATS_URL: 'nats://a:4222, nats://b:4222' });
    expect(config.NATS_URL).toEqual(['nats://a:4222', 'nats://b:4222']);
    expect(config.delivery).toBe('acknowledged');
    expect(load({ NATS_URL: 'nats://a', DELIVERY: 'durable' }).delivery).toBe('durable');
    expect(load({}).delivery).toBe('at-most-once');
  });

  it('names every setting of ZeroMQ beside NATS_URL, even one that equals its default', () => {
    const both = {
      NATS_URL: 'nats://a',
      WEBAPP_ZMQ_ADDR: 'tcp://127.0.0.1:5555',
      ZMQ_PAIR: 'dealer-router',
      PRODUCER_ID: 'desk',
    };
    const message = expect.stringContaining(
      'remove WEBAPP_ZMQ_ADDR and ZMQ_PAIR and PRODUCER_ID, or NATS_URL',
    );
    expect(() => load(both)).toThrow(expect.objectContaining({ faults: [{ key: 'NATS_URL', message }] }));
  });

  it.each([
    ['NATS_URL', 'http://127.0.0.1:4222'],
    ['NATS_URL', 'nats://a,,nats://b'],
    ['NATS_STREAM', 'two words'],
    ['NATS_PARTITIONS', '0'],
    ['NATS_REPLICAS', '2'],
    ['NATS_CREDS', 'no/such/file'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['WEBAPP_ZMQ_ADDR', 'localhost:5555'],
    ['WEBAPP_ZMQ_ADDR', 'tcp://a:1,,tcp://b:2'],
    ['WEBAPP_ZMQ_ADDR', 'tcp://127.0.0.1:5555/'],
    ['WEBAPP_ZMQ_ADDR', 'tcp://127.0.0.1'],
    ['WEBAPP_ZMQ_ADDR', 'tcp://a:1,tcp://a:1'],
    ['WEBAPP_ZMQ_ADDR', 'inproc://trades'],
    ['APPLIED_TIMEOUT_MS', '2592000000'],
    ['DRAIN_TIMEOUT_MS', '2147483648'],
    ['PORT', '0x1F90'],
    ['PORT', '1e3'],
    ['HOST', '127.1'],
    ['HOST', '[::1]'],
    ['HOST', 'http://127.0.0.1'],
    ['HOST', '127.0.0.1:8000'],
    ['OUTBOX_MAX_EVENTS', '0'],
    ['DRAIN_TIMEOUT_MS', '-1'],
    ['DEMO', 'true'],
    ['DELIVERY', 'exactly-once'],
    ['SPOOL_OVERFLOW', 'drop'],
    ['APPLIED_TIMEOUT_MS', '0'],
  ])('refuses %s=%s', (key, value) => {
    expect(() => load({ [key]: value })).toThrow(ConfigurationError);
  });
});
