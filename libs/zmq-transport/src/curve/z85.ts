/** The alphabet of ZeroMQ's RFC 32: each digit's place is its value. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Characters of a CURVE key in Z85. */
export const KEY_CHARACTERS = 40;
const KEY_BYTES = 32;

/** The 32 bytes of a key as 40 characters. */
export function encodeKey(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < KEY_BYTES; at += 4) {
    let value = bytes.readUInt32BE(at);
    let digits = '';
    for (let digit = 0; digit < 5; digit += 1) {
      digits = DIGITS.charAt(value % 85) + digits;
      value = Math.floor(value / 85);
    }
    text += digits;
  }
  return text;
}

/** The bytes of a key, or undefined for text that is none. */
export function decodeKey(text: string): Buffer | undefined {
  if (text.length !== KEY_CHARACTERS) {
    return undefined;
  }
  const bytes = Buffer.alloc(KEY_BYTES);
  for (let at = 0; at < KEY_CHARACTERS; at += 5) {
    let value = 0;
    for (const character of text.slice(at, at + 5)) {
      const digit = DIGITS.indexOf(character);
      if (digit < 0) {
        return undefined;
      }
      value = value * 85 + digit;
    }
    if (value > 0xffff_ffff) {
      return undefined;
    }
    bytes.writeUInt32BE(value, (at / 5) * 4);
  }
  return bytes;
}
