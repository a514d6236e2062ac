import { TradeEvent } from '@app/contracts';
import { ApiProperty } from '@nestjs/swagger';

/** Answer of `POST /dead-letters/:id/replay`. */
export class ReplayDto {
  @ApiProperty({ description: 'The letter.', example: 'mit1q2w3-17' })
  id: string;

  @ApiProperty({
    description: 'True when the letter had been sent again before; nothing was applied this time.',
    example: false,
  })
  alreadyReplayed: boolean;

  @ApiProperty({ description: 'When it was applied, in unix epoch seconds.', example: 1795345990.5 })
  replayedAtSeconds: number;

  @ApiProperty({ description: 'The event that was applied.', type: TradeEvent })
  event: TradeEvent;
}
