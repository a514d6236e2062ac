import { ProgressLine } from './progress-line.js';

function watch(isTTY: boolean) {
  const written: string[] = [];
  return { written, line: new ProgressLine({ isTTY, write: (text) => written.push(text) }) };
}

describe('the progress of a run', () => {
  it('is a bar on a terminal', () => {
    const { written, line } = watch(true);

    line.show({ elapsedSeconds: 5, durationSeconds: 10, sent: 5000 });

    expect(written[0]).toContain('[###############...............] 50 %  5000 events  5.0 of 10.0 s');
  });

  it('is renewed ten times a second at most, and again from the start of the next run', () => {
    const { written, line } = watch(true);

    for (const elapsedSeconds of [0, 0.05, 0.11, 0.15, 0.22, 0.01])
      line.show({ elapsedSeconds, durationSeconds: 1, sent: 1 });

    expect(written).toHaveLength(4);
  });

  it('never goes beyond its end', () => {
    const { written, line } = watch(true);

    line.show({ elapsedSeconds: 12, durationSeconds: 10, sent: 1 });

    expect(written[0]).toContain('] 100 %');
  });

  it('is nothing at all in a pipe', () => {
    const { written, line } = watch(false);

    line.show({ elapsedSeconds: 5, durationSeconds: 10, sent: 5000 });
    line.clear();

    expect(written).toEqual([]);
  });
});
