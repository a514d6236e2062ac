/** Control characters (C0, DEL, C1), format characters (those that change the direction of text), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A stranger's text as one line that shows all its characters: those that a terminal would obey instead of showing (line breaks,
 * ANSI sequences, changes of direction) are written as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** As {@link printable}, for text with lines, such as a stack. All lines but the first are indented, as no log line is. */
export function printableLines(text: string): string {
  const lines = text.split('\n').map(printable);
  return lines.map((line, at) => (at === 0 || line.startsWith('    ') ? line : `    ${line}`)).join('\n');
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** As {@link printable}, for JSON, whose meaning stays the same. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) => character.split('').map(escaped).join(''));
}
