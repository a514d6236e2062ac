import { Readable } from 'node:stream';
import type { SideScope } from '@app/contracts';
import { isGone, ProblemException } from '@app/service-kit';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  BAR_COLUMNS,
  BarsAnswer,
  InterarrivalAnswer,
  LatencyAnswer,
  QuantitiesAnswer,
  SeriesAnswer,
  SummaryAnswer,
  SymbolsAnswer,
} from './analytics-answer.js';
import {
  barSize,
  BarsQuery,
  durationSeconds,
  ExportQuery,
  LastQuery,
  SeriesQuery,
  SummaryQuery,
  SymbolsQuery,
} from './analytics-query.js';
import { ARROW_TYPE, ArrowStream } from './arrow-stream.js';
import { FrameQuestions, type Rows } from './frame-questions.js';
import { TradeExport } from './trade-export.js';

const MAX_POINTS = 3600;
/** Of each format of an export: what it is called, and the end of its file's name. */
const MEDIA_TYPES = {
  csv: ['text/csv; charset=utf-8', 'csv'],
  ndjson: ['application/x-ndjson', 'ndjson'],
  arrow: [ARROW_TYPE, 'arrows'],
} as const;
const BINARY = { schema: { type: 'string', format: 'binary' } } as const;
const COST =
  'The answer reads every trade of the time asked for, in slices of about a millisecond, and takes no memory for them.';

/** Questions about the newest trades, as one would ask a data frame. docs/explanation/analytics.md has their cost and bounds. */
@ApiTags('analytics')
@ApiBadRequestResponse({ description: 'A problem document that names the field at fault.' })
@Controller('analytics')
export class AnalyticsController {
  constructor(
    private readonly questions: FrameQuestions,
    private readonly exporter: TradeExport,
  ) {}

  @Get('summary')
  @ApiOperation({ summary: 'Count, volume, rate and quantities of the last trades', description: COST })
  @ApiOkResponse({ type: SummaryAnswer })
  summary(@Query() query: SummaryQuery, @Req() request: FastifyRequest): Promise<SummaryAnswer> {
    return this.questions.summary(rowsOf(query, query.side), wantedBy(request));
  }

  @Get('series')
  @ApiOperation({ summary: 'Trades or volume by steps of time', description: COST })
  @ApiOkResponse({ type: SeriesAnswer })
  series(@Query() query: SeriesQuery, @Req() request: FastifyRequest): Promise<SeriesAnswer> {
    const stepSeconds = durationSeconds(query.step);
    const rows = rowsOf(query, query.side);
    if (rows.lastSeconds / stepSeconds > MAX_POINTS) throw tooMany('step', 'points');
    return this.questions.series(query.metric, stepSeconds, rows, wantedBy(request));
  }

  @Get('latency')
  @ApiOperation({ summary: 'Receive latency: quantiles and a histogram', description: COST })
  @ApiOkResponse({ type: LatencyAnswer })
  latency(@Query() query: LastQuery, @Req() request: FastifyRequest): Promise<LatencyAnswer> {
    return this.questions.latency(rowsOf(query), wantedBy(request));
  }

  @Get('interarrival')
  @ApiOperation({ summary: 'Time between trades: quantiles, a histogram and burstiness', description: COST })
  @ApiOkResponse({ type: InterarrivalAnswer })
  interarrival(@Query() query: LastQuery, @Req() request: FastifyRequest): Promise<InterarrivalAnswer> {
    return this.questions.interarrival(rowsOf(query), wantedBy(request));
  }

  @Get('bars')
  @ApiOperation({
    summary: 'Open, high, low, close, volume and imbalance by time, number of trades or volume',
    description: `${COST} A bar of trades or volume ends with the trade that reaches its size.`,
  })
  @ApiExtraModels(BarsAnswer)
  @ApiOkResponse({
    description: 'In Arrow: a row for each bar, and the other fields in the metadata of the schema.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(BarsAnswer) } },
      [ARROW_TYPE]: BINARY,
    },
  })
  async bars(
    @Query() query: BarsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BarsAnswer | Buffer> {
    const size = barSize(query.by, query.size);
    const rows = rowsOf(query);
    const answer = await this.questions.bars(query.by, size, rows, MAX_POINTS, wantedBy(request));
    if (answer === undefined) throw tooMany('size', 'bars');
    if (query.format === 'json') return answer;
    void reply.header('content-type', ARROW_TYPE);
    return barsInArrow(answer);
  }

  @Get('symbols')
  @ApiOperation({
    summary: 'The symbols that traded, ranked',
    description: `${COST} With symbol=, that one alone, with its rank among all.`,
  })
  @ApiOkResponse({ type: SymbolsAnswer })
  symbols(@Query() query: SymbolsQuery, @Req() request: FastifyRequest): Promise<SymbolsAnswer> {
    return this.questions.symbols(query.by, Number(query.limit), rowsOf(query), wantedBy(request));
  }

  @Get('quantities')
  @ApiOperation({ summary: 'How the quantities are distributed', description: COST })
  @ApiOkResponse({ type: QuantitiesAnswer })
  quantities(@Query() query: SummaryQuery, @Req() request: FastifyRequest): Promise<QuantitiesAnswer> {
    return this.questions.quantities(rowsOf(query, query.side), wantedBy(request));
  }

  @Get('export')
  @ApiOperation({
    summary: 'The trades themselves, streamed',
    description: `${COST} A reader that is slower than the trades is disconnected, because its file would have a hole.`,
  })
  @ApiOkResponse({
    description: 'Oldest first: ts, side, qty, receivedAtSeconds, symbol, price.',
    content: Object.fromEntries(
      Object.values(MEDIA_TYPES).map(([type]) => [
        type,
        type === ARROW_TYPE ? BINARY : { schema: { type: 'string' } },
      ]),
    ),
  })
  export(@Query() { format, last, symbol }: ExportQuery, @Res() reply: FastifyReply): void {
    const chunks = this.exporter.chunks(format, durationSeconds(last), symbol);
    const [type, ending] = MEDIA_TYPES[format];
    void reply
      .header('content-type', type)
      .header('content-disposition', `attachment; filename="trades.${ending}"`)
      .send(Readable.from(chunks, { objectMode: false, highWaterMark: 1 }));
  }
}

function rowsOf({ last, symbol }: LastQuery, side: SideScope = 'all'): Rows {
  return { side, symbol, lastSeconds: durationSeconds(last) };
}

async function barsInArrow({ bars, ...about }: BarsAnswer): Promise<Buffer> {
  const metadata = Object.fromEntries(Object.entries(about).map(([name, value]) => [name, String(value)]));
  const stream = await ArrowStream.open(
    BAR_COLUMNS.map((name) => [name, 'number']),
    metadata,
  );
  const head = stream.head();
  const rows = stream.batch(BAR_COLUMNS.map((name) => bars.map((bar) => bar[name])));
  return Buffer.concat([head, rows, stream.end()]);
}

/** 400 for an answer that would be too long. */
function tooMany(field: 'step' | 'size', what: string): ProblemException {
  const message = `${field} must be larger, or last shorter: an answer has at most ${MAX_POINTS} ${what}`;
  return new ProblemException({
    status: 400,
    detail: message,
    errors: [{ field, rule: 'maxPoints', message }],
  });
}

function wantedBy(request: FastifyRequest): () => boolean {
  return () => !isGone(request);
}
