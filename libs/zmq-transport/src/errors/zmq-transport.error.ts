/** Base of every error this library throws. `code` is stable across versions; `message` is for people. */
export abstract class ZmqTransportError extends Error {
  abstract readonly code: `ERR_ZMQ_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
