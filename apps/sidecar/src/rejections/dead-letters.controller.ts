import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeadLetterRing } from './dead-letter.ring.js';
import { DeadLettersDto, DeadLettersQuery } from './dead-letters.dto.js';
import { RejectionsService } from './rejections.service.js';

/** Shows what was rejected. */
@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly ring: DeadLetterRing,
    private readonly rejections: RejectionsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The inputs that were not applied, newest first, each with its reason' })
  @ApiOkResponse({ type: DeadLettersDto })
  list(@Query() { limit }: DeadLettersQuery): DeadLettersDto {
    return { rejected: this.rejections.total, kept: this.ring.size, letters: this.ring.newest(limit) };
  }
}
