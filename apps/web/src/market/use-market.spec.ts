import { askTimeBars, askVolumeBars } from './use-market.js';

const NOW = 1_795_829_100;

/** An answer of a sidecar whose clock says `NOW`: a trade each second up to then. */
function answer(): Response {
  const bars = Array.from({ length: 50 }, (_, index) => {
    const start = NOW - 49 + index;
    const prices = { open: null, high: null, low: null, close: null };
    return { start, end: start + 0.5, ...prices, volume: 2, trades: 1, imbalance: 1 };
  });
  return Response.json({ by: 'time', size: 1, at: NOW + 0.7, lastSeconds: 61, complete: true, bars });
}

describe.each([-3600, -20, 0, 20, 3600])('on a computer whose clock is off by %d s', (offSeconds) => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue((NOW + 0.7 + offSeconds) * 1000);
    jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(answer()));
  });
  afterEach(() => jest.restoreAllMocks());

  it('bars of time end now by the sidecar’s clock', async () => {
    const { columns } = await askTimeBars(undefined, 60);
    expect(columns).toMatchObject({ from: NOW - 59, to: NOW + 1 });
    expect(columns.bars).toHaveLength(50);
  });

  it('bars of volume are those of the last minute by the sidecar’s clock', async () => {
    const { columns } = await askVolumeBars(undefined, 60, undefined);
    expect(columns.bars).toHaveLength(50);
  });
});
