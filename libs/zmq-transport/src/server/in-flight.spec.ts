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
});
