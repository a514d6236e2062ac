/** Pixels at the usual size of type. */
const BOX_HEIGHT = 66;
const BRANCH = 34;
const TOP = 8;
/** Between two boxes there is room for a rate. */
const LEAST_GAP = 58;
const LEAST_BOX = 112;
const WIDEST_BOX = 190;
const WIDEST_GAP = 130;
/** Below this the boxes stand one below the other. */
const LEAST_ROW = 560;

/** A place in the picture. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where everything of the picture is. */
export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly box: { readonly width: number; readonly height: number };
  /** The upper left corner of each box. */
  readonly boxes: readonly Place[];
  /** True when the boxes stand one below the other: branches then leave to the right. */
  readonly isColumn: boolean;
  /** The boxes that begin a row, apart from the first: their arrow comes from the row above. */
  readonly breaks: ReadonlySet<number>;
}

function columnLayout(width: number, count: number, scale: number): FlowLayout {
  const box = { width: Math.min(width * 0.52, WIDEST_BOX * scale), height: BOX_HEIGHT * scale };
  const step = box.height + LEAST_GAP * 0.8 * scale;
  const boxes = Array.from({ length: count }, (_, index) => ({ x: 2, y: TOP + index * step }));
  const height = TOP + step * (count - 1) + box.height + TOP;
  return { width, height, box, boxes, isColumn: true, breaks: new Set() };
}

/** All boxes in one row where there is room for them, otherwise in two, otherwise one below the other. */
export function layOut(width: number, count: number, scale = 1): FlowLayout {
  if (width < LEAST_ROW * scale) return columnLayout(width, count, scale);
  const rows = width >= (count * LEAST_BOX + (count - 1) * LEAST_GAP) * scale ? 1 : 2;
  const perRow = Math.ceil(count / rows);
  const room = (width - 4) / (perRow + (perRow - 1) * (LEAST_GAP / LEAST_BOX));
  const boxWidth = Math.min(room, WIDEST_BOX * scale);
  const gap = perRow === 1 ? 0 : Math.min((width - 4 - perRow * boxWidth) / (perRow - 1), WIDEST_GAP * scale);
  const left = (width - perRow * boxWidth - (perRow - 1) * gap) / 2;
  const box = { width: boxWidth, height: BOX_HEIGHT * scale };
  const rowHeight = box.height + (BRANCH + TOP) * scale;
  const boxes = Array.from({ length: count }, (_, index) => ({
    x: left + (index % perRow) * (boxWidth + gap),
    y: TOP + Math.floor(index / perRow) * (rowHeight + 18 * scale),
  }));
  const height = (boxes.at(-1)?.y ?? 0) + rowHeight;
  return { width, height, box, boxes, isColumn: false, breaks: new Set(rows === 2 ? [perRow] : []) };
}
