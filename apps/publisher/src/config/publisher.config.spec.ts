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
          { key: 'ZMQ_PAIR', message: expect.stringContaining('DELIVERY=durable needs dealer-router') },
        ],
      }),
    );
  });

  it.each([
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
    ['DELIVERY', 'exactly-once'],
    ['SPOOL_OVERFLOW', 'drop'],
    ['APPLIED_TIMEOUT_MS', '0'],
  ])('refuses %s=%s', (key, value) => {
    expect(() => load({ [key]: value })).toThrow(ConfigurationError);
  });
});
