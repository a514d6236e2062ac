/** Control characters (C0, DEL, C1), format characters (all that turn the direction of text), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text of others as one line that shows all that is in it: what a terminal or a reader would obey and not show (line
 * breaks, ANSI sequences, changes of direction) is written as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** As {@link printable}, of text that may have lines, such as a stack: all but the first are indented, as no line of a log is. */
export function printableLines(text: string): string {
  const lines = text.split('\n').map(printable);
  return lines.map((line, at) => (at === 0 || line.startsWith('    ') ? line : `    ${line}`)).join('\n');
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** As {@link printable}, of JSON, which says the same afterwards. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) => character.split('').map(escaped).join(''));
}
