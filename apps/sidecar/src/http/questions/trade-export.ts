import { Injectable } from '@nestjs/common';
import { TurnQueue } from '../../analytics/frame/frame-scan.js';
import { RecentTrades } from '../../analytics/frame/trade-frame.js';
import { ReceiveClock } from '../../analytics/rolling/receive-clock.js';
import type { ExportFormat } from './analytics-query.js';

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

/** Writes the rows of the frame as text, piece by piece, as fast as the reader reads them. */
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
  async *chunks(format: ExportFormat, lastSeconds: number, symbol?: string): AsyncGenerator<string> {
    const { end } = this.frame;
    let row = this.frame.firstSince(this.clock.now() - lastSeconds);
    if (format === 'csv') yield 'ts,side,qty,receivedAtSeconds,symbol,price\n';
    while (row < end) {
      await this.turns.next();
      // A file with a hole would look complete.
      if (row < this.frame.first) throw new ExportOverrunError(this.frame.first - row);
      const until = Math.min(end, row + ROWS_PER_CHUNK);
      let chunk = '';
      for (; row < until; row += 1) {
        if (symbol !== undefined && this.frame.symbolAt(row) !== symbol) continue;
        chunk += format === 'csv' ? this.csvLine(row) : this.jsonLine(row);
      }
      if (chunk !== '') yield chunk;
    }
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
