// An entry point of its own, so that only who imports it needs msgpackr.
export { MessagePackCodec } from './codec/msgpack.codec.js';
