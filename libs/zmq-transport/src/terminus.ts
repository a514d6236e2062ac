// The entry point `nestjs-zmq-transport/terminus`: apart, so that only who imports it needs @nestjs/terminus.
export { ZmqHealthIndicator, type ClientCheckOptions } from './nest/zmq.health.js';
