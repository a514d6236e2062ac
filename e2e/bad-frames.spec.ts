import { Push } from 'zeromq';
import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const good = { type: 'trade', side: 'buy', qty: 1, ts: 1_700_000_000.5 };
const json = (value: unknown): string => JSON.stringify(value);

/** What is sent, for which reason it is refused, and how many good events are in it. */
const hostile: [what: string, frames: (string | Buffer)[], reason: string, goodEvents: number][] = [
  ['text that is not JSON', ['hello'], 'malformed', 0],
  ['truncated JSON', [json(good).slice(0, -5)], 'malformed', 0],
  ['an empty frame', [''], 'malformed', 0],
  ['100 frames', Array.from({ length: 100 }, () => json(good)), 'frame_count', 0],
  ['binary', [Buffer.from([0xff, 0xfe, 0x00, 0x80])], 'malformed', 0],
  ['a frame of 10 MB', [`"${'x'.repeat(10 * 1024 * 1024)}"`], 'oversize', 0],
  ['an unknown type', [json({ ...good, type: 'quote' })], 'unknown_type', 0],
  ['an unknown side', [json({ ...good, side: 'hold' })], 'invalid_side', 0],
  ['a negative quantity', [json({ ...good, qty: -1 })], 'invalid_qty', 0],
  ['a mistyped time', [json({ ...good, ts: 'now' })], 'invalid_ts', 0],
  [
    'a __proto__ key in place of the fields',
    ['{"__proto__":{"type":"trade","side":"buy","qty":1,"ts":1}}'],
    'unknown_type',
    0,
  ],
  [
    'a batch with one bad event among good ones',
    [json([good, { ...good, qty: null }, good])],
    'invalid_qty',
    2,
  ],
];

describe('hostile frames on the real sidecar', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let push: Push;

  beforeAll(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    push = new Push({ linger: 5000 });
    push.connect(at.zmqAddress);
  });
  afterAll(async () => {
    push.close();
    await scope.dispose();
  });

  const rejectedFor = async (reason: string): Promise<number> =>
    (await scrape(`${at.sidecarUrl}/metrics`)).get(`trading_events_rejected_total{reason="${reason}"}`) ??
    Number.NaN;
  const appliedCount = async (): Promise<number> => (await whenApplied(at.sidecarUrl, 0)).buy;

  it.each(hostile)(
    'refuses %s for its reason, keeps it, and counts the next good event',
    async (_what, frames, reason, goodEvents) => {
      const rejectedBefore = await rejectedFor(reason);
      const appliedBefore = await appliedCount();

      await push.send(frames);
      await push.send(json(good));

      await waitUntil('the good event', async () => (await appliedCount()) >= appliedBefore + goodEvents + 1);
      expect(await appliedCount()).toBe(appliedBefore + goodEvents + 1);
      expect(await rejectedFor(reason)).toBe(rejectedBefore + 1);
      const letters = (await (await fetch(`${at.sidecarUrl}/dead-letters?limit=1`)).json()) as {
        letters: unknown[];
      };
      expect(letters.letters[0]).toMatchObject({ reason });
      expect((await fetch(`${at.sidecarUrl}/health`)).status).toBe(200);
    },
  );
});
