import { Parser } from '@asyncapi/parser';
import {
  asyncApiDocument,
  asyncApiPage,
  type ChannelDescription,
  messageOf,
  parseMetricsFile,
} from '../src/index.js';
import { RULES } from './tallies.fixture.js';

const zeromq: ChannelDescription = {
  link: 'zeromq',
  hosts: ['127.0.0.1:5555', '/tmp/trades.ipc'],
  subjects: [],
  description: 'ZeroMQ.',
};
const nats: ChannelDescription = {
  link: 'nats',
  hosts: ['127.0.0.1:4222'],
  subjects: ['trades.0', 'trades.1'],
  description: 'NATS.',
};

const messages = [
  ...parseMetricsFile(
    `events:
  order.new:
    description: An <order> & more.
    schema:
      $schema: http://json-schema.org/draft-07/schema#
      type: object
      required: [venue]
      properties: { venue: { type: string, pattern: '^[A-Z]+$', description: Where. }, ms: { type: [number, 'null'] } }
    example: { venue: XETR, ms: 4 }
    metrics: [{ counter: orders_total, help: Orders. }]
  fill:
    metrics: [{ counter: fills_total, help: Fills. }]
`,
    RULES,
  ).events.values(),
].map(messageOf);

describe.each([
  ['ZeroMQ', zeromq],
  ['NATS JetStream', nats],
])('the AsyncAPI document of a sidecar over %s', (_, channel) => {
  it('is one that AsyncAPI’s own parser takes without complaint, with the messages and their channel', async () => {
    const text = JSON.stringify(asyncApiDocument(channel, messages, '0.1.0'));
    const { document, diagnostics } = await new Parser().parse(text);
    // What is left are hints, such as that a document may have tags.
    expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(
      document
        ?.operations()
        .get('receiveEvents')
        ?.messages()
        .map((message) => message.name()),
    ).toEqual(['order.new', 'fill']);
    expect(document?.channels().get('events')?.servers().length).toBe(channel.hosts.length);
  });

  it('is a page for people that loads nothing from elsewhere, and shows what a sender writes as text', () => {
    const page = asyncApiPage(channel, messages);
    expect(page).not.toMatch(/https?:\/\/|<script/);
    expect(page).toContain('An &lt;order&gt; &amp; more.');
    expect(page).toContain('<code>venue</code></td><td>required</td>');
    expect(page).toContain(`<code>${channel.hosts[0] ?? ''}</code>`);
  });
});
