import { METRICS, TRADE_PATTERN, tradeSchema } from '@app/contracts';
import {
  ASYNCAPI_STYLE,
  type AsyncApiDocument,
  asyncApiDocument,
  asyncApiPage,
  type ChannelDescription,
  type MessageDescription,
  messageOf,
} from '@app/event-metrics';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { SidecarConfig } from '../config/sidecar.config.js';
import { ConfiguredCounts } from '../counting/configured-counts.js';

/** As in package.json, which a built app does not read. */
const VERSION = '0.1.0';

/** What is sent to the sidecar: the contract's trade, and the types of SIDECAR_METRICS as they are now. */
@ApiTags('events')
@Controller()
export class AsyncApiController {
  constructor(
    private readonly config: SidecarConfig,
    private readonly configured: ConfiguredCounts,
  ) {}

  @Get('asyncapi.json')
  @ApiOperation({ summary: 'The events that the sidecar takes, as an AsyncAPI 3 document' })
  document(): AsyncApiDocument {
    return asyncApiDocument(this.channel(), this.messages(), VERSION);
  }

  @Get('asyncapi')
  @ApiOperation({ summary: 'The same as a page' })
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return asyncApiPage(this.channel(), this.messages());
  }

  @Get('asyncapi.css')
  @ApiOperation({ summary: 'The style of that page' })
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return ASYNCAPI_STYLE;
  }

  private messages(): MessageDescription[] {
    const configured = [...(this.configured.file?.events.values() ?? [])].map(messageOf);
    return [tradeMessage(), ...configured];
  }

  private channel(): ChannelDescription {
    const { NATS_URL, NATS_STREAM, NATS_PARTITIONS, SIDECAR_ZMQ_BIND, pair } = this.config;
    if (NATS_URL !== undefined) {
      const prefix = NATS_STREAM.toLowerCase();
      return {
        link: 'nats',
        hosts: NATS_URL.map(hostOf),
        subjects: Array.from({ length: NATS_PARTITIONS }, (_, partition) => `${prefix}.${partition}`),
        description: `The stream ${NATS_STREAM} of NATS JetStream: publish to any of its subjects.`,
      };
    }
    return {
      link: 'zeromq',
      hosts: SIDECAR_ZMQ_BIND.map(hostOf),
      subjects: [],
      description: `ZeroMQ, ${pair}: the sidecar binds, producers connect.`,
    };
  }
}

/** Without scheme and credentials. */
function hostOf(address: string): string {
  return address.replace(/^\w+:\/\//, '').replace(/^.*@/, '');
}

/** The trade of the contract, with the examples of its fields. */
function tradeMessage(): MessageDescription {
  const { description, properties } = tradeSchema;
  const example = Object.entries(properties).map(([name, { examples }]) => [
    name,
    (examples as unknown[])[0],
  ]);
  return {
    type: TRADE_PATTERN,
    description,
    schema: { ...tradeSchema },
    example: Object.fromEntries(example) as Record<string, unknown>,
    metrics: [METRICS.tradesTotal, METRICS.volumeTotal, METRICS.lastTradeTimestamp],
  };
}
