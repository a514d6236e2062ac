import { mkdtemp, readdir, rm, stat, truncate, writeFile, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TRADE_PATTERN } from '@app/contracts';
import { JsonCodec, ZmqClient } from '@app/zmq-transport';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { KEPT_FILE, type StateFile } from '../src/counting/state/state-file.js';
import { openEnvironment, OWNER_KEY, RECORD_KEY } from '../src/counting/state/state-folder.js';
import { seal } from '../src/counting/state/state-record.js';
import { StateSaver } from '../src/counting/state/state-saver.js';
import { TradeLedger } from '../src/counting/state/trade-ledger.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const BUYS = 'trades_total{side="buy"}';

describe('a sidecar with SIDECAR_STATE_DIR', () => {
  let folder: string;
  let sidecar: SidecarUnderTest | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-state-'));
  });

  afterEach(async () => {
    await sidecar?.close();
    sidecar = undefined;
    await rm(folder, { recursive: true });
  });

  async function start(settings: Partial<SidecarConfig> = {}): Promise<SidecarUnderTest> {
    sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder, ...settings });
    return sidecar;
  }

  async function stop(): Promise<void> {
    await sidecar?.close();
    sidecar = undefined;
  }

  it('goes on counting after a clean restart, with the earlier letters', async () => {
    const first = await start();
    const socket = first.connect();
    await socket.send(JSON.stringify([trade({ qty: 0.1, ts: 5 }), trade({ qty: 0.2, ts: 6 })]));
    await socket.send(JSON.stringify(trade({ side: 'sell', qty: 3, ts: Date.now() / 1000 + 60 })));
    await socket.send(JSON.stringify(trade({ qty: -1 })));
    await socket.send('bad');
    await until('all is counted', async () => (await first.letters()).rejected === 2);
    const before = await first.letters();
    const { lastTradeSeconds } = first.app.get(TradeRecorder).capture();
    await stop();

    const second = await start();
    expect(await second.metric(BUYS)).toBe(2);
    expect(await second.metric('volume_total{side="buy"}')).toBe(0.1 + 0.2);
    expect(await second.metric('volume_total{side="sell"}')).toBe(3);
    expect(await second.metric('last_trade_ts_seconds')).toBe(lastTradeSeconds);
    expect(await second.metric('trading_clock_skew_total')).toBe(1);
    expect(await second.rejections()).toEqual({ invalid_qty: 1, malformed: 1 });
    expect(await second.letters()).toEqual(before);

    await second.connect().send(JSON.stringify(trade({ qty: 0.3 })));
    await until('one more is counted', async () => (await second.metric(BUYS)) === 3);
    expect(await second.metric('volume_total{side="buy"}')).toBe(0.1 + 0.2 + 0.3);
  });

  it('saves what changed without being asked, and says so', async () => {
    const started = await start();
    await started.connect().send(JSON.stringify(trade()));
    await until('it is saved', async () => (await started.metric('trading_state_commits_total')) > 0);
    const at = await started.metric('trading_state_last_commit_timestamp_seconds');
    expect(Math.abs(Date.now() / 1000 - at)).toBeLessThan(10);
    expect(await started.metric('trading_state_commit_failures_total')).toBe(0);
    const health = await fetch(`${started.url}/health`);
    expect(await health.json()).toMatchObject({ details: { state: { status: 'up' } } });
  });

  it('keeps each position with the counts that belong to it, and half a batch not at all', async () => {
    const first = await start({ DRAIN_TIMEOUT_MS: 50 });
    const ledger = first.app.get(TradeLedger);
    const recorder = first.app.get(TradeRecorder);
    expect(ledger.load()).toEqual([]);
    const apply = (qty: number): void => recorder.record({ type: 'trade', side: 'buy', qty, ts: 7 }, 8);
    apply(1);
    apply(2);
    const one = ledger.commit({ producer: 'a', epoch: 'x', sequence: 2 });
    apply(4);
    const two = ledger.commit({ producer: 'b', epoch: 'y', sequence: 1 });
    // As a batch that does not come to its end.
    void first.server.runExclusive(() => new Promise(() => undefined));
    apply(8);
    first.app
      .get(RejectionsService)
      .reject({ reason: 'malformed', detail: '', content: 'of the batch under way', receivedAtSeconds: 9 });
    await Promise.all([one, two]);
    await stop();

    const second = await start();
    expect(second.app.get(TradeLedger).load()).toEqual([
      { producer: 'a', epoch: 'x', sequence: 2 },
      { producer: 'b', epoch: 'y', sequence: 1 },
    ]);
    expect(second.app.get(TradeRecorder).totals().buy).toMatchObject({ trades: 3, volume: 7 });
    expect(await second.letters()).toMatchObject({ rejected: 0, kept: 0 });
  });

  describe.each(['acknowledged', 'durable'] as const)('and DELIVERY=%s', (DELIVERY) => {
    let client: ZmqClient | undefined;

    afterEach(async () => {
      await client?.close();
      client = undefined;
    });

    function connect(delivery?: { mode: 'acknowledged' }): ZmqClient {
      client = new ZmqClient({
        pair: 'dealer-router',
        connect: sidecar?.server.boundAddresses ?? [],
        serializer: { serialize: ({ data }) => data as object },
        codec: new JsonCodec(),
        drainTimeoutMs: 0,
        ...(delivery && { delivery }),
      });
      return client;
    }

    it('goes on counting after a clean restart what came in without an acknowledgement', async () => {
      const first = await start({ DELIVERY });
      const producer = connect();
      await producer.connect();
      for (let n = 0; n < 5; n += 1) producer.emit(TRADE_PATTERN, trade());
      producer.emit(TRADE_PATTERN, trade({ qty: -1 }));
      await until('all is counted', async () => (await first.letters()).rejected === 1);
      const before = await first.letters();
      await stop();

      const second = await start({ DELIVERY });
      expect(await second.metric(BUYS)).toBe(5);
      expect(await second.rejections()).toEqual({ invalid_qty: 1 });
      expect(await second.letters()).toEqual(before);
    });

    it('saves within a second or so what came in without an acknowledgement', async () => {
      const started = await start({ DELIVERY });
      const producer = connect();
      await producer.connect();
      producer.emit(TRADE_PATTERN, trade({ qty: -1 }));
      await until('it is saved', async () => (await started.metric('trading_state_commits_total')) > 0);
      expect(await started.rejections()).toEqual({ invalid_qty: 1 });
    });

    it('writes no half of a batch, though it is to save in the middle of one', async () => {
      const started = await start({ DELIVERY });
      const write = jest.spyOn(started.app.get<StateFile>(KEPT_FILE), 'write');
      const recorder = started.app.get(TradeRecorder);
      const record = recorder.record.bind(recorder);
      const saves: Promise<void>[] = [];
      const seen: number[] = [];
      jest.spyOn(recorder, 'record').mockImplementation((event, receivedAtSeconds) => {
        if (event.qty === 2) {
          seen.push(recorder.totals().buy.trades);
          saves.push(started.app.get(StateSaver).save());
          throw new Error('boom');
        }
        record(event, receivedAtSeconds);
      });
      const producer = connect({ mode: 'acknowledged' });
      await producer.connect();
      const deliveries = await Promise.all(
        [1, 2, 4].map((qty) => producer.deliver(TRADE_PATTERN, trade({ qty }))),
      );
      await Promise.allSettled(deliveries.map(({ applied }) => applied));
      await Promise.all(saves);

      // The rest of its batch was counted while the failing event was tried again: there were halves to be written.
      expect(seen.at(-1)).toBe(2);
      const tradesBySequence = [0, 1, 1, 2];
      expect(write).toHaveBeenCalled();
      for (const [{ record: written }] of write.mock.calls) {
        const [{ sequence } = { sequence: 0 }] = written.positions;
        expect([sequence, written.counters.sides.buy.trades]).toEqual([sequence, tradesBySequence[sequence]]);
      }
    });
  });

  it('lets many commits share a write', async () => {
    const started = await start();
    const ledger = started.app.get(TradeLedger);
    ledger.load();
    const commits = Array.from({ length: 500 }, (_, index) =>
      ledger.commit({ producer: 'a', epoch: 'x', sequence: index + 1 }),
    );
    await Promise.all(commits);
    expect(await started.metric('trading_state_commits_total')).toBeLessThanOrEqual(3);
  });

  it('forgets a producer that the server lets go', async () => {
    const ledger = (await start()).app.get(TradeLedger);
    ledger.load();
    await ledger.commit({ producer: 'gone', epoch: 'x', sequence: 1 });
    await ledger.commit({ producer: 'here', epoch: 'x', sequence: 1 });
    ledger.forget('gone');
    await stop();
    expect((await start()).app.get(TradeLedger).load()).toMatchObject([{ producer: 'here' }]);
  });

  it('lets nobody else read its files', async () => {
    await rm(folder, { recursive: true });
    await start();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  it('refuses a folder that another process uses, and names that process', async () => {
    await start();
    await expect(startSidecar({ SIDECAR_STATE_DIR: folder })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringContaining(`in use by the process ${process.pid}`),
    });
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['emptied', (file) => truncate(file, 0)],
    ['cut short', (file) => truncate(file, 9000)],
    ['overwritten', (file) => writeFile(file, 'x'.repeat(50_000))],
  ])('refuses a state that was %s, instead of counting from zero', async (_, damage) => {
    await start();
    await stop();
    await damage(join(folder, 'state.mdb'));
    await expect(startSidecar({ SIDECAR_STATE_DIR: folder })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringMatching(/SIDECAR_STATE_DIR.* is damaged; move the folder away/s),
    });
  });

  it('refuses a state in which a single digit was changed', async () => {
    const ledger = (await start()).app.get(TradeLedger);
    ledger.load();
    await ledger.commit({ producer: 'a', epoch: 'x', sequence: 123_456_789 });
    await stop();
    const file = await openFile(join(folder, 'state.mdb'), 'r+');
    const content = await file.readFile();
    for (let at = content.indexOf('123456789'); at >= 0; at = content.indexOf('123456789', at + 1)) {
      await file.write('9', at);
    }
    await file.close();
    await expect(startSidecar({ SIDECAR_STATE_DIR: folder })).rejects.toThrow(/is damaged/);
  });

  /** Writes a value past the sidecar, as another program would. */
  async function meddle(key: string, value: unknown): Promise<void> {
    const environment = openEnvironment(join(folder, 'state.mdb'));
    environment.putSync(key, seal(value));
    await environment.close();
  }

  it('refuses a state of a newer version, and says which it knows', async () => {
    await start();
    await stop();
    await meddle(RECORD_KEY, { format: 2, everything: 'else' });
    await expect(startSidecar({ SIDECAR_STATE_DIR: folder })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringMatching(/a state of format 2, and this version knows only 1/),
    });
  });

  it('takes the folder over from an owner that was killed, though its number is given to another process', async () => {
    await start();
    await stop();
    await meddle(OWNER_KEY, { pid: process.pid, started: 'long ago', token: 'other' });
    expect(await (await start()).metric(BUYS)).toBe(0);
  });

  it('writes nothing any more once another process took the folder over', async () => {
    const ledger = (await start()).app.get(TradeLedger);
    ledger.load();
    await ledger.commit({ producer: 'a', epoch: 'x', sequence: 1 });
    await meddle(OWNER_KEY, { pid: 1, started: 'now', token: 'other' });
    await expect(ledger.commit({ producer: 'a', epoch: 'x', sequence: 2 })).rejects.toThrow(
      /took the folder over/,
    );
    await stop();
    await meddle(OWNER_KEY, { pid: process.pid, started: 'long ago', token: 'other' });
    expect((await start()).app.get(TradeLedger).load()).toMatchObject([{ sequence: 1 }]);
  });

  it('refuses a folder that is a file', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(startSidecar({ SIDECAR_STATE_DIR: path })).rejects.toThrow(
      /SIDECAR_STATE_DIR.*cannot be used/,
    );
  });
});
