import { InFlight } from './in-flight.js';

describe('InFlight', () => {
  it('wakes a receiver once half of its limit is free', async () => {
    const inFlight = new InFlight(4);
    for (let n = 0; n < 4; n += 1) {
      inFlight.start();
    }
    expect(inFlight.isFull).toBe(true);
    let woken = false;
    const room = inFlight.untilRoom().then(() => (woken = true));
    inFlight.end();
    await Promise.resolve();
    expect(woken).toBe(false);
    inFlight.end();
    await room;
    expect(inFlight.count).toBe(2);
  });

  it('tells when nothing runs any more, at once when nothing did', async () => {
    const inFlight = new InFlight(1);
    await inFlight.untilNone();
    inFlight.start();
    const none = inFlight.untilNone();
    inFlight.end();
    await none;
    expect(inFlight.count).toBe(0);
  });

  it('gives handlers that wait for nothing the chance to end', async () => {
    const inFlight = new InFlight(10);
    inFlight.start();
    void Promise.resolve().then(() => inFlight.end());

    await expect(inFlight.untilQuickOnesEnd(0, 8)).resolves.toBe(true);
  });

  it('waits no longer than it was told for handlers that do wait for something', async () => {
    const inFlight = new InFlight(10);
    inFlight.start();

    await expect(inFlight.untilQuickOnesEnd(0, 8)).resolves.toBe(false);
  });
});
