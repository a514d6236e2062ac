import { Readable } from 'node:stream';
import { isGone, ProblemException } from '@app/service-kit';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InterarrivalAnswer, LatencyAnswer, SeriesAnswer, SummaryAnswer } from './analytics-answer.js';
import { durationSeconds, ExportQuery, LastQuery, SeriesQuery, SummaryQuery } from './analytics-query.js';
import { FrameQuestions } from './frame-questions.js';
import { TradeExport } from './trade-export.js';

const MAX_POINTS = 3600;
const MEDIA_TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;
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
  summary(@Query() { side, last }: SummaryQuery, @Req() request: FastifyRequest): Promise<SummaryAnswer> {
    return this.questions.summary(side, durationSeconds(last), wantedBy(request));
  }

  @Get('series')
  @ApiOperation({ summary: 'Trades or volume by steps of time', description: COST })
  @ApiOkResponse({ type: SeriesAnswer })
  series(
    @Query() { metric, side, step, last }: SeriesQuery,
    @Req() request: FastifyRequest,
  ): Promise<SeriesAnswer> {
    const [stepSeconds, lastSeconds] = [durationSeconds(step), durationSeconds(last)];
    if (lastSeconds / stepSeconds > MAX_POINTS) {
      const message = `step must be wider, or last shorter: an answer has at most ${MAX_POINTS} points`;
      throw new ProblemException({
        status: 400,
        detail: message,
        errors: [{ field: 'step', rule: 'maxPoints', message }],
      });
    }
    return this.questions.series(metric, side, stepSeconds, lastSeconds, wantedBy(request));
  }

  @Get('latency')
  @ApiOperation({ summary: 'Receive latency: quantiles and a histogram', description: COST })
  @ApiOkResponse({ type: LatencyAnswer })
  latency(@Query() { last }: LastQuery, @Req() request: FastifyRequest): Promise<LatencyAnswer> {
    return this.questions.latency(durationSeconds(last), wantedBy(request));
  }

  @Get('interarrival')
  @ApiOperation({ summary: 'Time between trades: quantiles, a histogram and burstiness', description: COST })
  @ApiOkResponse({ type: InterarrivalAnswer })
  interarrival(@Query() { last }: LastQuery, @Req() request: FastifyRequest): Promise<InterarrivalAnswer> {
    return this.questions.interarrival(durationSeconds(last), wantedBy(request));
  }

  @Get('export')
  @ApiOperation({
    summary: 'The trades themselves, streamed',
    description: `${COST} A reader that is slower than the trades is disconnected, because its file would have a hole.`,
  })
  @ApiOkResponse({
    description: 'Oldest first: ts, side, qty, receivedAtSeconds.',
    content: Object.fromEntries(
      Object.values(MEDIA_TYPES).map((type) => [type, { schema: { type: 'string' } }]),
    ),
  })
  export(@Query() { format, last }: ExportQuery, @Res() reply: FastifyReply): void {
    const chunks = this.exporter.chunks(format, durationSeconds(last));
    void reply
      .header('content-type', MEDIA_TYPES[format])
      .header('content-disposition', `attachment; filename="trades.${format}"`)
      .send(Readable.from(chunks, { objectMode: false, highWaterMark: 1 }));
  }
}

function wantedBy(request: FastifyRequest): () => boolean {
  return () => !isGone(request);
}
