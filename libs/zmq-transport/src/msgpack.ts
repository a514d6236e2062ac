/**
 * An entry point of its own, so that only its users need msgpackr.
 * @module nestjs-zmq-transport/msgpack
 */
export { MessagePackCodec } from '@app/transport-core/msgpack';
