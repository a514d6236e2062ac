import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Program, ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';

const KILLS = 6;
const SIDECAR = pathToFileURL(join(ROOT, 'dist/apps/sidecar/apps/sidecar/src')).href;

/** What the sidecar has when it starts, as the program below prints it. */
interface Resumed {
  readonly sequence: number;
  readonly buy: { readonly trades: number; readonly volume: number };
  readonly sell: { readonly trades: number; readonly volume: number };
  readonly rejected: number;
  readonly replayed: number;
}

/** Event `n`: every thirteenth is rejected, the others are buys. Letters are sells of 1, so that replays show. */
const qtyOf = (n: number): number => ((n * 7) % 100) / 10;
const isRejected = (n: number): boolean => n % 13 === 0;

/**
 * The sidecar's own parts, driven as the transport's server drives them: batch, commit, next batch. What else wants the
 * counts (a replay, the saver) asks the server for a moment between two batches, and so do the batches here.
 */
const PROGRAM = `
  import 'reflect-metadata';
  import { NestFactory } from '@nestjs/core';
  const load = (path) => import(${JSON.stringify(SIDECAR)} + path);
  const { AppModule } = await load('/app.module.js');
  const { Intake } = await load('/intake/intake.js');
  const { TradeLedger } = await load('/counting/state/trade-ledger.js');
  const { TradeRecorder } = await load('/counting/trade-recorder.js');
  const { RejectionsService } = await load('/intake/rejections/rejections.service.js');
  const { LetterReplayer } = await load('/intake/rejections/letter-replayer.js');
  const qtyOf = ${qtyOf.toString()};
  const isRejected = ${isRejected.toString()};
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'], abortOnError: false });
  const [ledger, recorder, rejections, replayer] =
    [TradeLedger, TradeRecorder, RejectionsService, LetterReplayer].map((part) => app.get(part));
  const say = (word, value) => process.stdout.write(word + ' ' + JSON.stringify(value) + '\\n');
  let n = ledger.load()[0]?.sequence ?? 0;
  const report = () => {
    const { sides } = recorder.capture();
    return { sequence: n, ...sides, rejected: rejections.total, replayed: rejections.replayed };
  };
  say('resumed', report());
  const last = Number(process.env.EVENTS) + n;
  const commits = [];
  const { server } = app.get(Intake);
  const handleBatch = async () => {
    const end = Math.min(last, n + 1 + Math.floor(Math.random() * 200));
    while (n < end) {
      n += 1;
      if (isRejected(n)) {
        const content = { type: 'trade', side: 'sell', qty: 1, ts: n };
        rejections.reject({ reason: 'handler_failed', detail: '', content, receivedAtSeconds: n });
      } else recorder.record({ type: 'trade', side: 'buy', qty: qtyOf(n), ts: n }, n + 1);
      // In the middle of a batch, as an operator would.
      const letter = n % 499 === 0 && rejections.letters.newest(500).findLast((one) => one.replayedAtSeconds === undefined);
      if (letter) {
        replayer.replay(letter.id).then(
          () => say('replayed', letter.id),
          (error) => error.getStatus?.() === 503 || say('failed', String(error)),
        );
        await new Promise(setImmediate);
      }
    }
    const sequence = n;
    commits.push(ledger.commit({ producer: 'p', epoch: 'e', sequence }).then(() => say('acked', sequence)));
  };
  while (n < last) {
    await server.runExclusive(handleBatch);
    await new Promise(setImmediate);
  }
  await Promise.all(commits);
  say('finished', report());
  await app.close();
`;

/** The values that a process printed after a word; a kill may cut its last line. */
function printed<T>(by: Program, word: string): T[] {
  const lines = by.stdout.slice(0, by.stdout.lastIndexOf('\n')).split('\n');
  const prefix = `${word} `;
  return lines
    .filter((line) => line.startsWith(prefix))
    .map((line) => JSON.parse(line.slice(prefix.length)) as T);
}

/** What the counts must be, to the last bit, once the events up to `sequence` are in. */
function exactly(sequence: number): Pick<Resumed, 'sequence' | 'buy' | 'rejected'> {
  let trades = 0;
  let volume = 0;
  for (let n = 1; n <= sequence; n += 1) {
    if (isRejected(n)) continue;
    trades += 1;
    volume += qtyOf(n);
  }
  return { sequence, buy: { trades, volume }, rejected: Math.floor(sequence / 13) };
}

describe('a sidecar that is killed while it counts', () => {
  const scope = new ProgramScope();
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-kill-'));
  });
  afterAll(async () => {
    await scope.dispose();
    await rm(folder, { recursive: true });
  });

  const start = (events: number): Program =>
    scope.start(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      SIDECAR_STATE_DIR: folder,
      EVENTS: String(events),
    });

  it('goes on from the last batch it acknowledged, or a later one, with exact counts every time', async () => {
    let acked = 0;
    const replayed = new Set<string>();
    const check = (found: Resumed): void => {
      expect(found).toMatchObject(exactly(found.sequence));
      expect(found.sequence).toBeGreaterThanOrEqual(acked);
      expect(found.sell).toEqual({ trades: found.replayed, volume: found.replayed });
      expect(found.replayed).toBeGreaterThanOrEqual(replayed.size);
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const sidecar = start(Number.MAX_SAFE_INTEGER / 2);
      await sidecar.waitForOutput(kill === 0 ? /^replayed /m : /^acked /m);
      // At a random moment: there is nothing to wait for.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      expect(await sidecar.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      for (const found of printed<Resumed>(sidecar, 'resumed')) check(found);
      expect(printed(sidecar, 'failed')).toEqual([]);
      acked = Math.max(acked, ...printed<number>(sidecar, 'acked'));
      for (const id of printed<string>(sidecar, 'replayed')) {
        expect(replayed.has(id)).toBe(false);
        replayed.add(id);
      }
    }
    const finishing = start(1000);
    expect(await finishing.exited).toEqual({ code: 0, signal: null });
    for (const found of printed<Resumed>(finishing, 'resumed')) check(found);
    const [end] = printed<Resumed>(finishing, 'finished');
    expect(end).toMatchObject(exactly(end?.sequence ?? Number.NaN));
    expect(end?.replayed).toBeGreaterThan(0);
  });

  it('is told at once who else has the folder, and to stop that one', async () => {
    const first = start(Number.MAX_SAFE_INTEGER / 2);
    await first.waitForOutput(/^resumed /m);
    const second = scope.start(process.execPath, ['dist/apps/sidecar/apps/sidecar/src/main.js'], {
      PORT: '0',
      SIDECAR_ZMQ_BIND: 'tcp://127.0.0.1:*',
      SIDECAR_STATE_DIR: folder,
    });
    expect(await second.exited).toEqual({ code: 78, signal: null });
    expect(second.stderr).toContain(`SIDECAR_STATE_DIR: "${folder}" is in use by the process ${first.pid}`);
    expect(second.stderr).not.toMatch(/^ +at /m);
    await first.stop('SIGKILL');
  });
});
