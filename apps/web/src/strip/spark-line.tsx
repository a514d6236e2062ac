import { memo } from 'react';

interface SparkLineProps {
  /** Oldest first; undefined and NaN are gaps. */
  readonly values: readonly (number | undefined)[];
  /** How many steps from value to value the width has room for; fewer stand at the right. */
  readonly room: number;
  /** The lowest and the highest value that it shows; by default those that are there, and 0. */
  readonly range?: readonly [number, number];
}

const HEIGHT = 24;

/** The points of each piece between two gaps, in a box of `room` by `HEIGHT`. */
function piecesOf({ values, room, range }: SparkLineProps): string[] {
  const finite = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  const [low, high] = range ?? [Math.min(0, ...finite), Math.max(0, ...finite)];
  const scale = high > low ? (HEIGHT - 3) / (high - low) : 0;
  const pieces: string[] = [];
  let piece = '';
  for (const [index, value] of values.entries()) {
    if (value === undefined || !Number.isFinite(value)) {
      pieces.push(piece);
      piece = '';
      continue;
    }
    piece += `${room - values.length + 1 + index},${(HEIGHT - 1.5 - (value - low) * scale).toFixed(1)} `;
  }
  return [...pieces, piece].filter((points) => points !== '');
}

/** The past of a figure without axes; the figure beside it has the number. */
export const SparkLine = memo(function SparkLine(props: SparkLineProps) {
  const { room, range } = props;
  return (
    <svg
      viewBox={`0 0 ${room} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="h-6 w-full text-accent"
    >
      {range && (
        <line
          x1="0"
          x2={room}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
          className="stroke-line"
          vectorEffect="non-scaling-stroke"
        />
      )}
      {piecesOf(props).map((points) => (
        <polyline
          key={points.slice(0, points.indexOf(','))}
          points={points}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
});
