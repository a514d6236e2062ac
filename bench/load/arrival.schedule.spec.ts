import { constantSchedule } from './arrival.schedule.js';

describe('constant arrivals', () => {
  it('has as many events as rate and duration say', () => {
    expect(constantSchedule(5000, 10).count).toBe(50_000);
  });

  it('spaces them evenly, from the start of the run', () => {
    const schedule = constantSchedule(4, 1);

    expect([0, 1, 2, 3].map((index) => schedule.dueSeconds(index))).toEqual([0, 0.25, 0.5, 0.75]);
  });
});
