import { ReceiveClock } from './receive-clock.js';

const START_SECONDS = 1_795_345_871.25;

/** Both clocks of the machine, as the test sets them. */
class SetClock extends ReceiveClock {
  private wall = START_SECONDS;
  private steady = 5000;

  /** Lets time pass. */
  pass(seconds: number): void {
    this.wall += seconds;
    this.steady += seconds;
  }

  /** Somebody sets the system's clock, or the machine was suspended: the monotonic clock does not see it. */
  step(seconds: number): void {
    this.wall += seconds;
  }

  /** Something is received now. */
  receive(): number {
    return this.advance(this.wall);
  }

  protected override readWall(): number {
    return this.wall;
  }

  protected override readSteady(): number {
    return this.steady;
  }
}

describe('ReceiveClock', () => {
  let clock: SetClock;

  beforeEach(() => {
    clock = new SetClock();
  });

  it('is the system’s time while nobody sets that', () => {
    expect(clock.receive()).toBe(START_SECONDS);
    clock.pass(0.25);
    expect([clock.now(), clock.receive()]).toEqual([START_SECONDS + 0.25, START_SECONDS + 0.25]);
  });

  it.each([-0.5, -61, -3600])('goes on when the system’s clock steps by %d seconds', (step) => {
    clock.pass(10);
    const before = clock.receive();
    clock.step(step);
    expect(clock.now() - before).toBeCloseTo(0, 5);
    clock.pass(30);
    expect(clock.now() - before).toBeCloseTo(30, 5);
    clock.pass(31);
    expect(clock.receive() - before).toBeCloseTo(61, 5);
    clock.step(step);
    clock.pass(5);
    expect(clock.receive() - before).toBeCloseTo(66, 5);
  });

  it('takes a step ahead for time that has passed: so does a suspend look', () => {
    const before = clock.receive();
    clock.step(3600);
    expect(clock.now() - before).toBe(3600);
    clock.step(-3600);
    clock.pass(1);
    expect(clock.now() - before).toBeCloseTo(3601, 5);
  });

  it('is not carried into the future by what was received just before a step back', () => {
    const receivedAtSeconds = clock.now();
    clock.step(-3600);
    expect(clock.advance(receivedAtSeconds) - START_SECONDS).toBeCloseTo(0, 5);
    clock.pass(7);
    expect(clock.now() - START_SECONDS).toBeCloseTo(7, 5);
  });

  it('never steps back, though the two clocks run a little apart', () => {
    let before = clock.receive();
    for (let count = 0; count < 1000; count += 1) {
      clock.step(count % 2 === 0 ? -0.0003 : 0.0002);
      clock.pass(0.0001);
      const now = clock.receive();
      expect(clock.now()).toBeGreaterThanOrEqual(now);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
    expect(before - START_SECONDS).toBeLessThan(0.2);
  });
});
