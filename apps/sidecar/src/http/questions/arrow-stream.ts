import type { Data, Field, RecordBatchStreamWriter } from 'apache-arrow';

/** A stream of record batches, as pandas, polars and DuckDB read it. */
export const ARROW_TYPE = 'application/vnd.apache.arrow.stream';

/** A column of a table: its name, and whether it holds doubles or text. */
export type ArrowColumn = readonly [name: string, type: 'number' | 'text'];

/** The values of one column; null, NaN and undefined are Arrow's null. */
export type ArrowValues = readonly (number | string | null | undefined)[];

type Arrow = typeof import('apache-arrow');

/** Writes tables in Arrow's IPC streaming format, batch by batch. It holds one batch at a time. */
export class ArrowStream {
  private constructor(
    private readonly arrow: Arrow,
    private readonly fields: readonly Field[],
    private readonly writer: RecordBatchStreamWriter,
    private readonly written: Uint8Array[],
  ) {}

  /** @param metadata what the schema says of the whole table */
  static async open(
    columns: readonly ArrowColumn[],
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<ArrowStream> {
    // Loading it takes a fifth of a second: the start must not wait for it.
    const arrow = await import('apache-arrow');
    const { AsyncByteQueue, Field, Float64, RecordBatchStreamWriter, Schema, Utf8 } = arrow;
    const written: Uint8Array[] = [];
    /** The writer fills this queue as fast as it gets batches; what is in it leaves with the batch that it belongs to. */
    class Written extends AsyncByteQueue {
      override write(chunk: Uint8Array): void {
        if (chunk.byteLength > 0) written.push(chunk);
      }
    }
    const fields = columns.map(
      ([name, type]) => new Field(name, type === 'text' ? new Utf8() : new Float64(), true),
    );
    const writer = new RecordBatchStreamWriter();
    writer.reset(new Written(), new Schema(fields, new Map(Object.entries(metadata))));
    return new ArrowStream(arrow, fields, writer, written);
  }

  /** The schema, which is before all batches. */
  head(): Buffer {
    return this.take();
  }

  /** Rows as bytes of the stream. @param columns all of the same length, in the order of the columns */
  batch(columns: readonly ArrowValues[]): Buffer {
    const { RecordBatch, Schema, Struct, makeData } = this.arrow;
    const fields = [...this.fields];
    const children = fields.map((field, index) => this.column(field, columns[index] ?? []));
    const data = makeData({
      type: new Struct(fields),
      length: columns[0]?.length ?? 0,
      nullCount: 0,
      children,
    });
    this.writer.write(new RecordBatch(new Schema(fields), data));
    return this.take();
  }

  /** The mark after the last batch, without which a reader knows that the stream was cut off. */
  end(): Buffer {
    this.writer.finish();
    return this.take();
  }

  private take(): Buffer {
    return Buffer.concat(this.written.splice(0));
  }

  private column({ type }: Field, values: ArrowValues): Data {
    const { DataType, makeData } = this.arrow;
    const { length } = values;
    const nullBitmap = new Uint8Array(Math.ceil(length / 8));
    let nullCount = 0;
    values.forEach((value, index) => {
      if (value === null || value === undefined || Number.isNaN(value)) nullCount += 1;
      else nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
    });
    if (!DataType.isUtf8(type)) {
      const data = Float64Array.from(values, (value) => Number(value ?? 0));
      return makeData({ type: type as InstanceType<Arrow['Float64']>, length, nullCount, nullBitmap, data });
    }
    const texts = values.map((value) => Buffer.from(String(value ?? '')));
    const valueOffsets = new Int32Array(length + 1);
    texts.forEach((text, index) => (valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + text.length));
    return makeData({ type, length, nullCount, nullBitmap, valueOffsets, data: Buffer.concat(texts) });
  }
}
