import { Controller, HttpCode, Param, Post } from '@nestjs/common';
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
import { LetterReplayer } from './letter.replayer.js';
import { ReplayDto } from './replay.dto.js';

/** Sends what was rejected again. */
@ApiTags('dead letters')
@Controller('dead-letters')
export class LetterReplaysController {
  constructor(private readonly replayer: LetterReplayer) {}

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Checks the event of a letter again and applies it, once however often it is asked',
  })
  @ApiParam({ name: 'id', description: 'From GET /dead-letters.', example: 'mit1q2w3-17' })
  @ApiOkResponse({ type: ReplayDto })
  @ApiNotFoundResponse({ description: 'No such letter is kept.' })
  @ApiConflictResponse({ description: 'Only the beginning of the input was kept.' })
  @ApiUnprocessableEntityResponse({
    description: 'It breaks the contract; `errors` names the field and the rule.',
  })
  @ApiServiceUnavailableResponse({ description: 'Its state cannot be written at the moment; ask again.' })
  replay(@Param('id') id: string): Promise<ReplayDto> {
    return this.replayer.replay(id);
  }
}
