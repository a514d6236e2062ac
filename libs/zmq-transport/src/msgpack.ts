// The entry point `nestjs-zmq-transport/msgpack`: apart, so that only who imports it needs msgpackr.
export { MessagePackCodec } from './codec/msgpack.codec.js';
