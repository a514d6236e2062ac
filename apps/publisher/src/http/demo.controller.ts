import { ProblemException } from '@app/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsNumber, Max, Min } from 'class-validator';
import { PublisherConfig } from '../config/publisher.config.js';
import { type DemoLength, DemoService, type DemoStatus } from './demo.service.js';

const MAX_RATE = 200;
const MAX_SECONDS = 600;

/** The body of `POST /demo`. */
export class StartDemoDto implements DemoLength {
  @ApiPropertyOptional({
    description: 'Trades a second, on average.',
    default: 20,
    minimum: 1,
    maximum: MAX_RATE,
  })
  @IsNumber()
  @Min(1)
  @Max(MAX_RATE)
  rate: number = 20;

  @ApiPropertyOptional({
    description: 'Seconds until it ends by itself.',
    default: 300,
    minimum: 1,
    maximum: MAX_SECONDS,
  })
  @IsNumber()
  @Min(1)
  @Max(MAX_SECONDS)
  seconds: number = 300;
}

/** The answer of each route of `/demo`. */
export class DemoStatusDto implements DemoStatus {
  @ApiProperty({ type: Boolean, description: 'False once the publisher is stopping.' })
  available: boolean;

  @ApiProperty({ type: Boolean })
  running: boolean;

  @ApiProperty({
    type: Number,
    description: 'Trades a second, on average; 0 when no demo runs.',
    example: 20,
  })
  rate: number;

  @ApiProperty({
    type: Number,
    description: 'Accepted trades of this demo, or of the last one when none runs.',
  })
  accepted: number;

  @ApiProperty({ type: Number, description: 'Refused trades of the same demo.' })
  refused: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'When it ends by itself, in unix epoch seconds; null when no demo runs.',
    example: 1795345871.25,
  })
  endsAt: number | null;
}

/** `/demo`: made-up trades, so that a newcomer sees something move. */
@ApiTags('demo')
@ApiResponse({ status: 404, description: 'DEMO is off.' })
@Controller('demo')
export class DemoController {
  constructor(
    private readonly demo: DemoService,
    private readonly config: PublisherConfig,
  ) {}

  @ApiOperation({ summary: 'The state of the demo' })
  @ApiResponse({ status: 200, type: DemoStatusDto })
  @Get()
  @Header('cache-control', 'no-store')
  read(): DemoStatus {
    this.assertOn();
    return this.demo.status;
  }

  @ApiOperation({
    summary: 'Start the demo',
    description:
      'Posts made-up trades of a few symbols, whose names begin with DEMO-. It pauses while a tenth of the outbox is full.',
  })
  @ApiResponse({ status: 202, type: DemoStatusDto })
  @ApiResponse({ status: 409, description: 'A demo runs already.' })
  @Post()
  @HttpCode(202)
  start(@Body() length: StartDemoDto): DemoStatus {
    this.assertOn();
    this.demo.start(length);
    return this.demo.status;
  }

  @ApiOperation({ summary: 'Stop the demo', description: 'Does nothing when none runs.' })
  @ApiResponse({ status: 200, type: DemoStatusDto })
  @Delete()
  stop(): DemoStatus {
    this.assertOn();
    this.demo.stop();
    return this.demo.status;
  }

  private assertOn(): void {
    if (this.config.hasDemo) return;
    throw new ProblemException({
      status: 404,
      detail: 'the demo is off; set DEMO=on to allow it',
    });
  }
}
