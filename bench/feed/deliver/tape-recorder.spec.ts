import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayPlan } from '../../load/tape/replay-plan.js';
import { readTapeFile } from '../../load/tape/tape-reader.js';
import { TapeRecorder } from './tape-recorder.js';

const FIRST = { ts: 1597399200.224, side: 'sell', qty: 0.5, symbol: 'ETHUSDT', price: 423.76 } as const;

describe('a recording', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feed-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is a tape that the load replays, with symbols and prices', async () => {
    const file = join(folder, 'tape.csv');
    const recorder = await TapeRecorder.create(file);
    recorder.add(FIRST);
    recorder.add({ ...FIRST, ts: 1597399200.724001, side: 'buy', qty: 1e-8, symbol: 'BTC-USD', price: 1e15 });
    await recorder.close();
    expect(recorder).toMatchObject({ rows: 2, lost: 0 });
    expect(readFileSync(file, 'utf8')).toMatch(
      /^ts,side,qty,symbol,price\n1597399200\.224000,sell,0\.5,ETHUSDT,423\.76\n/,
    );
    const { trades } = replayPlan(await readTapeFile(file), { speed: 1 });
    expect([...trades]).toEqual([
      { dueSeconds: 0, side: 'sell', qty: 0.5, symbol: 'ETHUSDT', price: 423.76 },
      { dueSeconds: expect.closeTo(0.500001, 6), side: 'buy', qty: 1e-8, symbol: 'BTC-USD', price: 1e15 },
    ]);
  });

  it('takes the place of no other file', async () => {
    const file = join(folder, 'kept.csv');
    writeFileSync(file, 'kept');
    await expect(TapeRecorder.create(file)).rejects.toMatchObject({
      code: 'ERR_LOAD_USAGE',
      message: `--record: ${file} is there already`,
    });
    const nowhere = join(folder, 'no', 'tape.csv');
    await expect(TapeRecorder.create(nowhere)).rejects.toThrow('cannot be made (ENOENT)');
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});
