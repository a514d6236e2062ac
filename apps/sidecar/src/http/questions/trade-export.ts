import { Injectable } from '@nestjs/common';
import { RecentTrades, TurnQueue } from '../../analytics/frame/trade-frame.js';
import { ReceiveClock } from '../../analytics/rolling/receive-clock.js';
import type { ExportFormat } from './analytics-query.js';
import { type ArrowColumn, ArrowStream, type ArrowValues } from './arrow-stream.js';

const ARROW_COLUMNS: readonly ArrowColumn[] = [
  ['ts', 'number'],
  ['side', 'text'],
  ['qty', 'number'],
  ['receivedAtSeconds', 'number'],
  ['symbol', 'text'],
  ['price', 'number'],
];

/** Rows written in one turn of the event loop, and held for a client at a time: about 1 ms, 150 kB. */
const ROWS_PER_CHUNK = 2048;

/** Trades came in faster than the reader of an export read: rows were overwritten before it got them. The download ends. */
export class ExportOverrunError extends Error {
  readonly code = 'ERR_EXPORT_OVERRUN';

  constructor(rows: number) {
    super(`${rows} rows were overwritten before they were read`);
    this.name = 'ExportOverrunError';
  }
}

/** How rows of a format become what is sent. */
interface RowWriter {
  /** Before the first row. */
  readonly head: string | Buffer;
  rows(rows: readonly number[]): string | Buffer;
  /** After the last row. */
  tail(): string | Buffer;
}

/** Writes the rows of the frame, piece by piece, as fast as the reader reads them. */
@Injectable()
export class TradeExport {
  constructor(
    private readonly frame: RecentTrades,
    private readonly turns: TurnQueue,
    private readonly clock: ReceiveClock,
  ) {}

  /**
   * The rows received in the last seconds, oldest first, up to the newest at the first read.
   *
   * @throws ExportOverrunError when trades came in faster than the reader read.
   */
  async *chunks(format: ExportFormat, lastSeconds: number, symbol?: string): AsyncGenerator<string | Buffer> {
    const { end } = this.frame;
    let row = this.frame.firstSince(this.clock.now() - lastSeconds);
    const writer = await this.writerOf(format);
    if (writer.head.length > 0) yield writer.head;
    while (row < end) {
      await this.turns.next();
      // A file with a hole would look complete.
      if (row < this.frame.first) throw new ExportOverrunError(this.frame.first - row);
      const until = Math.min(end, row + ROWS_PER_CHUNK);
      const rows: number[] = [];
      for (; row < until; row += 1) {
        if (symbol === undefined || this.frame.symbolAt(row) === symbol) rows.push(row);
      }
      if (rows.length > 0) yield writer.rows(rows);
    }
    const tail = writer.tail();
    if (tail.length > 0) yield tail;
  }

  private async writerOf(format: ExportFormat): Promise<RowWriter> {
    if (format === 'arrow') {
      const stream = await ArrowStream.open(ARROW_COLUMNS);
      return {
        head: stream.head(),
        rows: (rows) => stream.batch(this.columns(rows)),
        tail: () => stream.end(),
      };
    }
    const line = (row: number): string => (format === 'csv' ? this.csvLine(row) : this.jsonLine(row));
    return {
      head: format === 'csv' ? 'ts,side,qty,receivedAtSeconds,symbol,price\n' : '',
      rows: (rows) => rows.map(line).join(''),
      tail: () => '',
    };
  }

  private columns(rows: readonly number[]): ArrowValues[] {
    const { frame } = this;
    return [
      rows.map((row) => frame.tsAt(row)),
      rows.map((row) => frame.sideAt(row)),
      rows.map((row) => frame.qtyAt(row)),
      rows.map((row) => frame.receivedAt(row)),
      rows.map((row) => frame.symbolAt(row)),
      rows.map((row) => frame.priceAt(row)),
    ];
  }

  private csvLine(row: number): string {
    const { frame } = this;
    const price = frame.priceAt(row);
    return (
      `${frame.tsAt(row)},${frame.sideAt(row)},${frame.qtyAt(row)},${frame.receivedAt(row)},` +
      `${frame.symbolAt(row) ?? ''},${Number.isNaN(price) ? '' : price}\n`
    );
  }

  private jsonLine(row: number): string {
    const { frame } = this;
    const [symbol, price] = [frame.symbolAt(row), frame.priceAt(row)];
    // A symbol needs no escape.
    return (
      `{"ts":${frame.tsAt(row)},"side":"${frame.sideAt(row)}","qty":${frame.qtyAt(row)},` +
      `"receivedAtSeconds":${frame.receivedAt(row)}` +
      (symbol === undefined ? '' : `,"symbol":"${symbol}"`) +
      (Number.isNaN(price) ? '}\n' : `,"price":${price}}\n`)
    );
  }
}
