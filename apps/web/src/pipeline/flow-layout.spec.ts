import { layOut } from './flow-layout.js';

describe('the layout of the picture', () => {
  it.each([
    [360, 8, true],
    [1000, 2, false],
    [1400, 1, false],
    [2500, 1, false],
  ])('at %d pixels has its boxes in %d rows, none beyond the edges', (width, rows, isColumn) => {
    const layout = layOut(width, 8);
    expect(new Set(layout.boxes.map(({ y }) => y)).size).toBe(rows);
    expect(layout.isColumn).toBe(isColumn);
    for (const { x, y } of layout.boxes) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + layout.box.width).toBeLessThanOrEqual(width);
      expect(y + layout.box.height).toBeLessThanOrEqual(layout.height);
    }
  });

  it('leaves room for a rate between two boxes of a row', () => {
    for (let width = 560; width < 2600; width += 20) {
      const { boxes, box } = layOut(width, 8);
      expect((boxes[1]?.x ?? 0) - (boxes[0]?.x ?? 0) - box.width).toBeGreaterThanOrEqual(40);
    }
  });
});
