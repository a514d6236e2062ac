/** Control and format characters (all that turn the direction of text), but not the line breaks and tabs of a text. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of others as it is: what a browser would obey and not show is written as `\u202e`. */
export function visibleText(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
