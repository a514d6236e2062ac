// The entry point `nestjs-zmq-transport/msgpack`: apart, so that only who imports it needs msgpackr.
export { MessagePackCodec } from '@app/transport-core/msgpack';
