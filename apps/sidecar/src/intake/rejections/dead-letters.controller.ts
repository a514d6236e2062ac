import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { RejectionsService } from './rejections.service.js';
import { DeadLettersDto, DeadLettersQuery, ReplayDto } from './dead-letters.dto.js';
import { LetterReplayer } from './letter-replayer.js';

/** Shows what was rejected, and replays it. */
@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly rejections: RejectionsService,
    private readonly replayer: LetterReplayer,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The inputs that were not applied, newest first, each with its reason' })
  @ApiOkResponse({ type: DeadLettersDto })
  list(@Query() { limit }: DeadLettersQuery): DeadLettersDto {
    const { total, letters } = this.rejections;
    const shown = letters.newest(limit);
    return {
      rejected: total,
      kept: letters.size,
      letters: shown.map((letter) => ({ ...letter, replayable: this.replayer.isReplayable(letter) })),
    };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Checks the event of a dead letter again and applies it; however often you ask, it counts once',
    description:
      'Only a letter that is `replayable` can be applied; the answer for another names the reason.',
  })
  @ApiParam({ name: 'id', description: 'From GET /dead-letters.', example: 'mit1q2w3-17' })
  @ApiOkResponse({ type: ReplayDto })
  @ApiNotFoundResponse({ description: 'No such letter is kept.' })
  @ApiConflictResponse({ description: 'Only the beginning of the input was kept.' })
  @ApiUnprocessableEntityResponse({
    description: 'It breaks the contract; `errors` names the field and the rule.',
  })
  @ApiServiceUnavailableResponse({ description: 'The state cannot be written now; ask again.' })
  replay(@Param('id') id: string): Promise<ReplayDto> {
    return this.replayer.replay(id);
  }
}
