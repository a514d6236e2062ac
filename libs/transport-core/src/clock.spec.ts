import { epochSeconds, WallClock, type ClockSource } from './clock.js';

/** A machine whose clock can be set, and that can be suspended. Its wall clock is read in whole milliseconds. */
class FakeMachine implements ClockSource {
  private awakeMs = 1000;
  private aheadMs = 1_795_345_871_000.4321;
  private alarms: (() => void)[] = [];

  readonly monotonicMs = (): number => this.awakeMs;
  readonly systemMs = (): number => {
    // A look at a clock takes a moment, in which it goes on.
    this.awakeMs += 0.001;
    return Math.floor(this.awakeMs + this.aheadMs);
  };
  readonly later = (callback: () => void): void => void this.alarms.push(callback);

  get trueSeconds(): number {
    return (this.awakeMs + this.aheadMs) / 1000;
  }

  /** Time goes by inside one turn of the event loop. */
  work(ms: number): void {
    this.awakeMs += ms;
  }

  /** The turn ends, and so much later a new one begins. */
  wait(ms: number): void {
    this.awakeMs += ms;
    for (const alarm of this.alarms.splice(0)) alarm();
  }

  setBy(ms: number): void {
    this.aheadMs += ms;
  }
}

const MICROSECONDS = 20e-6;

describe('WallClock', () => {
  let machine: FakeMachine;
  let clock: WallClock;

  beforeEach(() => {
    machine = new FakeMachine();
    clock = new WallClock(machine);
  });

  const errorSeconds = (): number => Math.abs(clock.seconds() - machine.trueSeconds);

  it('knows the time to microseconds from its first reading', () => {
    expect(errorSeconds()).toBeLessThan(MICROSECONDS);
  });

  it('gives whole microseconds', () => {
    for (let reading = 0; reading < 100; reading += 1) {
      machine.work(0.012_345);
      expect(String(clock.seconds())).toMatch(/^\d{10}(\.\d{1,6})?$/);
    }
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
    ['half a second back', -500],
    ['2.5 ms ahead', 2.5],
  ])('follows a system clock that is set %s, to microseconds', (_, ms) => {
    clock.seconds();
    machine.setBy(ms);
    machine.wait(300);
    expect(errorSeconds()).toBeLessThan(MICROSECONDS);
  });

  it('follows after a suspend, in which only the wall clock goes on', () => {
    clock.seconds();
    machine.setBy(8 * 3_600_000);
    machine.wait(300);
    expect(errorSeconds()).toBeLessThan(MICROSECONDS);
  });

  it('follows in the first turn after a long silence', () => {
    clock.seconds();
    machine.wait(300);
    machine.wait(86_400_000);
    machine.setBy(-60_000);
    expect(errorSeconds()).toBeLessThan(MICROSECONDS);
  });

  it('never goes back within a turn, and follows in the next one', () => {
    const first = clock.seconds();
    machine.setBy(-10_000);
    machine.work(2000);
    expect(clock.seconds()).toBeGreaterThanOrEqual(first + 2);
    machine.wait(1);
    expect(errorSeconds()).toBeLessThan(MICROSECONDS);
  });

  it('stays where it is while the two clocks run alike, and drifts with them by no more than they do', () => {
    clock.seconds();
    for (let turn = 0; turn < 1000; turn += 1) {
      machine.setBy(0.01);
      machine.wait(250.123);
      expect(errorSeconds()).toBeLessThan(1.1e-3);
    }
  });

  it('goes on with a rough distance where no millisecond ever passes', () => {
    const still = new WallClock({ systemMs: () => 5000, monotonicMs: () => 100, later: () => undefined });
    expect(still.seconds()).toBeCloseTo(5, 2);
  });

  it('looks at the system clock once a turn, however many readings there are', () => {
    const systemMs = jest.spyOn(machine, 'systemMs');
    clock.seconds();
    machine.wait(300);
    systemMs.mockClear();
    for (let reading = 0; reading < 10_000; reading += 1) clock.seconds();
    expect(systemMs).toHaveBeenCalledTimes(1);
  });
});

describe('epochSeconds', () => {
  it('is unix time in seconds, the system clock to the millisecond', () => {
    const before = Date.now();
    const now = epochSeconds() * 1000;
    expect(now).toBeGreaterThanOrEqual(before - 0.01);
    expect(now).toBeLessThanOrEqual(Date.now() + 1.01);
  });

  it('resolves less than a millisecond', () => {
    const first = epochSeconds();
    let next = epochSeconds();
    while (next === first) next = epochSeconds();
    expect(next - first).toBeLessThan(0.001);
  });

  it('goes with a system clock that is set while the process runs', async () => {
    epochSeconds();
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000);
    const deadline = performance.now() + 1000;
    while (epochSeconds() - real() / 1000 < 3599) {
      expect(performance.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setImmediate(resolve));
    }
    jest.restoreAllMocks();
  });
});
