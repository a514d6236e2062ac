import { REJECTION_REASONS, type RejectionReason } from '@app/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import type { DeadLetter, LetterContent } from './dead-letter.js';

/** Query of `GET /dead-letters`. */
export class DeadLettersQuery {
  @ApiPropertyOptional({ description: 'Most letters to return.', default: 100, minimum: 1, maximum: 10_000 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  limit: number = 100;
}

/** One dead letter as JSON. */
export class DeadLetterDto implements DeadLetter {
  @ApiProperty({ description: 'Unique across restarts.', example: 'mit1q2w3-17' })
  id: string;

  @ApiProperty({
    description: 'Why it was not applied.',
    enum: [...REJECTION_REASONS],
    example: 'invalid_qty',
  })
  reason: RejectionReason;

  @ApiProperty({ description: 'The reason in a sentence.', example: 'qty must be >= 0' })
  detail: string;

  @ApiProperty({ description: 'Unix epoch seconds.', example: 1795345871.25 })
  receivedAtSeconds: number;

  @ApiProperty({
    description: 'The input, at most its first 4096 bytes.',
    example: '{"type":"trade","qty":-1}',
  })
  content: string;

  @ApiProperty({ description: 'How content is written.', enum: ['json', 'text', 'base64'], example: 'json' })
  encoding: LetterContent['encoding'];

  @ApiProperty({ description: 'Size of the whole input, in bytes.', example: 25 })
  contentBytes: number;

  @ApiProperty({ description: 'True when content is only the beginning.', example: false })
  truncated: boolean;

  @ApiPropertyOptional({
    description: 'When it was replayed and applied, in unix epoch seconds; absent until then.',
    example: 1795345990.5,
  })
  replayedAtSeconds?: number;

  @ApiProperty({
    description:
      'True when a replay would apply it: it is kept whole, is one event that keeps the contract, and is not applied yet.',
    example: false,
  })
  replayable: boolean;
}

/** Answer of `GET /dead-letters`. */
export class DeadLettersDto {
  @ApiProperty({
    description: 'Inputs rejected since the sidecar started; with SIDECAR_STATE_DIR, since its first start.',
    example: 17,
  })
  rejected: number;

  @ApiProperty({ description: 'How many of them are still kept.', example: 17 })
  kept: number;

  @ApiProperty({ description: 'Newest first.', type: [DeadLetterDto] })
  letters: DeadLetterDto[];
}

/** Answer of `POST /dead-letters/:id/replay`. */
export class ReplayDto {
  @ApiProperty({ description: 'The letter.', example: 'mit1q2w3-17' })
  id: string;

  @ApiProperty({
    description: 'True when the letter was replayed before; this request applied nothing then.',
    example: false,
  })
  alreadyReplayed: boolean;

  @ApiProperty({ description: 'When it was applied, in unix epoch seconds.', example: 1795345990.5 })
  replayedAtSeconds: number;

  @ApiProperty({
    description: 'The event that was applied, of whichever type.',
    type: 'object',
    additionalProperties: true,
    example: { type: 'trade', side: 'buy', qty: 1.5, ts: 1795345871.25 },
  })
  event: Readonly<Record<string, unknown>>;
}
