import type { EventSchema } from '../definitions.js';
import type { ChannelDescription, MessageDescription } from './asyncapi-document.js';

/** The style of the page: a file of its own, because our pages allow nothing inline. */
export const ASYNCAPI_STYLE = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #8886; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886; border-radius: 0.25rem; }
code { overflow-wrap: anywhere; }
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: unknown): string {
  return String(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function code(text: unknown): string {
  return `<code>${escaped(text)}</code>`;
}

function rowOf(cells: readonly string[], tag: 'td' | 'th'): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<table>\n<thead>${rowOf(heads, 'th')}</thead>\n<tbody>\n${rows.map((row) => rowOf(row, 'td')).join('\n')}\n</tbody>\n</table>`;
}

/** The document for people: one HTML page without scripts, that asks no other host for anything. */
export function asyncApiPage(channel: ChannelDescription, messages: readonly MessageDescription[]): string {
  const places = channel.link === 'nats' ? [...channel.hosts, ...channel.subjects] : channel.hosts;
  const links = messages
    .map(({ type }) => `<li><a href="#${escaped(type)}">${code(type)}</a></li>`)
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Events of the sidecar</title>
<link rel="stylesheet" href="asyncapi.css">
</head>
<body>
<main>
<h1>Events of the sidecar</h1>
<p>${escaped(channel.description)} A message is one event as JSON, or an array of events.
For programs: <a href="asyncapi.json">AsyncAPI 3 document</a>.</p>
<ul>
${places.map((place) => `<li>${code(place)}</li>`).join('\n')}
</ul>
<h2>Types</h2>
<ul>
${links}
</ul>
${messages.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section({ type, description, schema, example, metrics }: MessageDescription): string {
  const parts = [
    `<h2 id="${escaped(type)}">${code(type)}</h2>`,
    `<p>${escaped(description)}</p>`,
    schema === undefined ? '<p>Any JSON object of this type.</p>' : fieldTable(schema),
    example === undefined ? '' : `<pre>${escaped(JSON.stringify(example, undefined, 2))}</pre>`,
    '<h3>Metrics that it moves</h3>',
    table(
      ['Metric', 'Meaning'],
      metrics.map(({ name, help }) => [code(name), escaped(help)]),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function fieldTable(schema: EventSchema): string {
  const properties = Object.entries(Object(schema['properties']) as Record<string, unknown>);
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const names = [...new Set([...properties.map(([name]) => name), ...required.map(String)])];
  if (names.length === 0) return `<pre>${escaped(JSON.stringify(schema, undefined, 2))}</pre>`;
  const rows = names.map((name) => {
    const own = Object(Object.fromEntries(properties)[name]) as Record<string, unknown>;
    const { description = '', examples: _examples, ...rules } = own;
    const text = Object.entries(rules).map(([rule, value]) => `${rule}: ${JSON.stringify(value)}`);
    return [
      code(name),
      required.includes(name) ? 'required' : '',
      code(text.join(', ')),
      escaped(description),
    ];
  });
  return table(['Field', '', 'Rules', 'Meaning'], rows);
}
