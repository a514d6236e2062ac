import { generateKeyPairSync } from 'node:crypto';

/** @typedef {{ publicKey: string, secretKey: string }} KeyPair Z85 text, 40 characters each */

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/**
 * ZeroMQ's text form of binary data (its RFC 32): five digits for four bytes.
 * @param {Buffer} bytes
 * @returns {string}
 */
function z85(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
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

/**
 * A new CURVE key pair. CURVE's keys are X25519 keys: Node makes them, and nothing has to be installed.
 * @returns {KeyPair}
 */
export function makeKeyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const publicDer = publicKey.export({ type: 'spki', format: 'der' });
  const secretDer = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { publicKey: z85(publicDer.subarray(-32)), secretKey: z85(secretDer.subarray(-32)) };
}

/**
 * ZeroMQ's certificate format, as CZMQ and pyzmq (`zmq.auth.load_certificate`) read it.
 * @param {string} name
 * @param {{ publicKey: string, secretKey?: string }} keys
 * @returns {string}
 */
export function certificate(name, { publicKey, secretKey }) {
  const secret = secretKey === undefined ? '' : `    secret-key = "${secretKey}"\n`;
  return `metadata\n    name = "${name}"\ncurve\n    public-key = "${publicKey}"\n${secret}`;
}
