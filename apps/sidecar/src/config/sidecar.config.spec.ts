import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      /ZMQ_PAIR.*DELIVERY=acknowledged needs ZMQ_PAIR=dealer-router/,
    );
  });

  it.each([
    ['tcp://sidecar:5555', 'no address or network interface of this machine'],
    ['tcp://127.0.0.1:70000', 'a number from 1 to 65535'],
    ['tcp://127.0.0.1:5555,tcp://127.0.0.1:5555', 'is named twice'],
    ['inproc://trades', 'outside of this process'],
  ])('says why it does not listen on %s', (SIDECAR_ZMQ_BIND, words) => {
    expect(() => load({ SIDECAR_ZMQ_BIND })).toThrow(words);
  });

  it('refuses an empty list of addresses', () => {
    expect(() => load({ SIDECAR_ZMQ_BIND: ',' })).toThrow(/SIDECAR_ZMQ_BIND/);
  });

  it('names every fault of its file of metrics, with the other settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sidecar-config-'));
    const path = join(folder, 'm.yml');
    writeFileSync(path, 'events:\n  trade:\n    metrics:\n      - { counter: orders, help: O. }\n');
    expect(() => load({ SIDECAR_METRICS: path, PORT: '0x1' })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /m\.yml:2:3: the type trade is taken\n[^\n]*m\.yml:4:11: the name of a counter ends in _total\nPORT: /,
        ),
      }),
    );
    const labels = '{ a: { from: /a, max: 300 }, b: { from: /b, max: 300 } }';
    writeFileSync(
      path,
      `events: { order: { metrics: [{ counter: a_total, help: A., labels: ${labels} }] } }`,
    );
    expect(load({ SIDECAR_METRICS: path }).SIDECAR_METRICS).toBe(path);
    expect(() => load({ SIDECAR_METRICS: path, NATS_URL: 'nats://127.0.0.1:4222' })).toThrow(
      /SIDECAR_METRICS.*bytes of a partition's record in the broker/,
    );
    rmSync(folder, { recursive: true });
  });

  describe('behind a broker', () => {
    const NATS_URL = 'nats://127.0.0.1:4222';

    it('counts all partitions by itself', () => {
      expect(load({ NATS_URL })).toMatchObject({
        NATS_URL: [NATS_URL],
        shard: { index: 0, count: 1 },
        partitions: [0, 1, 2, 3, 4, 5, 6, 7],
      });
      expect(load({}).partitions).toEqual([]);
    });

    it.each([
      ['1/3', [1, 4, 7]],
      ['sidecar-1/3', [1, 4, 7]],
      ['my-side-car-0/8', [0]],
    ])('counts its share with SIDECAR_SHARD=%s', (SIDECAR_SHARD, partitions) => {
      expect(load({ NATS_URL, SIDECAR_SHARD }).partitions).toEqual(partitions);
    });

    it.each([
      ['2/2', 'INDEX must be less than COUNT'],
      ['0/9', '9 sidecars cannot share 8 partitions'],
      ['0/0', 'INDEX must be less than COUNT'],
      ['1', 'write INDEX/COUNT'],
      ['sidecar/2', 'write INDEX/COUNT'],
    ])('refuses SIDECAR_SHARD=%s', (SIDECAR_SHARD, words) => {
      expect(() => load({ NATS_URL, SIDECAR_SHARD })).toThrow(words);
    });

    it('refuses a share of the work without a broker', () => {
      expect(() => load({ SIDECAR_SHARD: '0/2' })).toThrow('set NATS_URL, or remove SIDECAR_SHARD');
      expect(load({ SIDECAR_SHARD: '0/1' }).partitions).toEqual([]);
    });

    it.each([
      [{ SIDECAR_ZMQ_BIND: 'tcp://127.0.0.1:5555' }, 'remove SIDECAR_ZMQ_BIND, or NATS_URL'],
      [
        { ZMQ_PAIR: 'pub-sub', SIDECAR_ZMQ_BIND: 'tcp://127.0.0.1:1' },
        'remove SIDECAR_ZMQ_BIND and ZMQ_PAIR, or NATS_URL',
      ],
      [{ SIDECAR_STATE_DIR: 'state' }, 'the broker keeps the counts: remove SIDECAR_STATE_DIR'],
      [{ NATS_URL: 'http://a' }, 'NATS_URL: "http://a" is not the address of a NATS server'],
      [{ NATS_URL: 'nats://a,' }, 'NATS_URL must name at least one server'],
    ])('refuses %j beside NATS_URL', (more, words) => {
      expect(() => load({ NATS_URL, ...more })).toThrow(words);
    });
  });
});
