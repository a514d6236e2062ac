import { nowSeconds, SENT_FIELD } from '@app/contracts';
import { TradeCodec } from './trade-codec.js';

/**
 * The contract's JSON, and in each event when it was handed to the socket. An event is encoded when it is accepted,
 * which may be long before: the time is put into its text when its message is made.
 */
export class SentTimeCodec extends TradeCodec {
  override join(parts: readonly string[]): string {
    const field = `,"${SENT_FIELD}":${nowSeconds()}}`;
    // Each part is the text of an object that is never empty: it ends in one brace.
    return super.join(parts.map((part) => part.slice(0, -1) + field));
  }
}
