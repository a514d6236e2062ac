import type { EventDefinition, EventSchema, MetricDefinition } from '../definitions.js';

/** One kind of message, whoever defined it. */
export interface MessageDescription {
  /** The event's `type`. */
  readonly type: string;
  readonly description: string;
  readonly schema: EventSchema | undefined;
  readonly example: Readonly<Record<string, unknown>> | undefined;
  /** Names and helps of the metrics that it moves. */
  readonly metrics: readonly Pick<MetricDefinition, 'name' | 'help'>[];
}

/** Where messages come in. */
export interface ChannelDescription {
  /** `zeromq` or `nats`: also the name of the server in the document. */
  readonly link: 'zeromq' | 'nats';
  /** Host and port, or the path of a socket file, of each address. */
  readonly hosts: readonly string[];
  /** Of NATS: the subjects. */
  readonly subjects: readonly string[];
  /** How events are carried, for people. */
  readonly description: string;
}

/** An AsyncAPI 3 document, as far as we write it. */
export type AsyncApiDocument = Readonly<Record<string, unknown>>;

const DRAFT = 'application/schema+json;version=draft-07';

/** A message of a type from the file. */
export function messageOf({
  type,
  description,
  schema,
  example,
  metrics,
}: EventDefinition): MessageDescription {
  return { type, description: description ?? `Events of the type ${type}.`, schema, example, metrics };
}

/**
 * The AsyncAPI 3.0 document of what a sidecar takes.
 *
 * @param version of the product
 */
export function asyncApiDocument(
  channel: ChannelDescription,
  messages: readonly MessageDescription[],
  version: string,
): AsyncApiDocument {
  const names = messages.map(({ type }) => type);
  const servers = channel.hosts.map((host, index) => {
    return [`${channel.link}${index === 0 ? '' : index + 1}`, serverOf(channel, host)] as const;
  });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'trading-telemetry sidecar',
      version,
      description: 'Events that the sidecar counts. A message is one event, or an array of events: a batch.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(servers),
    channels: {
      events: {
        ...addressOf(channel),
        title: 'Events',
        description: channel.description,
        servers: servers.map(([name]) => ({ $ref: `#/servers/${name}` })),
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      receiveEvents: {
        action: 'receive',
        title: 'Count events',
        channel: { $ref: '#/channels/events' },
        messages: names.map((name) => ({ $ref: `#/channels/events/messages/${name}` })),
      },
    },
    components: {
      messages: Object.fromEntries(messages.map((message) => [message.type, messageObject(message)])),
      schemas: Object.fromEntries(messages.map((message) => [message.type, eventSchema(message)])),
    },
  };
}

function serverOf({ link }: ChannelDescription, host: string): object {
  return link === 'nats'
    ? { host, protocol: 'nats', description: 'A NATS server with JetStream.' }
    : { host, protocol: 'zmq', description: 'The sidecar binds, producers connect.' };
}

/** ZeroMQ has no addresses within a socket; a partition of the stream is a subject. */
function addressOf({ link, subjects }: ChannelDescription): object {
  const [first = ''] = subjects;
  if (link === 'zeromq') return { address: null };
  const partition = {
    description: 'Any of them: events of one producer that must stay in order go to one.',
    enum: subjects.map((subject) => subject.slice(subject.lastIndexOf('.') + 1)),
  };
  return { address: `${first.slice(0, first.lastIndexOf('.'))}.{partition}`, parameters: { partition } };
}

function messageObject({ type, description, example, metrics }: MessageDescription): object {
  const moved = metrics.map(({ name, help }) => `- \`${name}\`: ${help}`).join('\n');
  const event = { $ref: `#/components/schemas/${type}` };
  return {
    name: type,
    title: type,
    summary: description,
    description: `${description}\n\nMetrics that it moves:\n\n${moved}`,
    payload: {
      schemaFormat: DRAFT,
      schema: { oneOf: [event, { type: 'array', items: event }] },
    },
    ...(example && { examples: [{ name: type, payload: example }] }),
  };
}

function eventSchema({ type, description, schema }: MessageDescription): object {
  const typed = { type: 'object', required: ['type'], properties: { type: { const: type } } };
  if (schema === undefined) return { title: type, description, ...typed };
  // Each schema would name the dialect again, which the message does already.
  const { $schema: _dialect, ...own } = schema;
  return { title: type, description, allOf: [typed, own] };
}
