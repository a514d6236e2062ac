import { tradeText } from '@app/contracts';
import { type EncodedValue, JsonCodec } from '@app/zmq-transport';

/** The contract's JSON, written by the contract where an event is a plain trade. */
export class TradeCodec extends JsonCodec {
  override encode(value: unknown): EncodedValue<string> {
    const part = tradeText(value);
    // A trade's text is ASCII: a character is a byte.
    return part === undefined ? super.encode(value) : { part, bytes: part.length };
  }
}
