import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { certificate, makeKeyPair } from './curve-key.mjs';
import { ScriptError } from './script-error.mjs';

/** The client that the publisher is unless CURVE_CLIENT says otherwise. */
const FIRST_CLIENT = 'publisher';
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
/** The apps look at their files once a second; this gives both of them the time to act. */
const SETTLE_MS = 4000;

/**
 * A folder of CURVE keys, laid out as both apps read it: `server.key` and `allowed/NAME.pub` for the sidecar,
 * `clients/NAME.key` and `server.pub` for clients. Everything in it is its owner's alone.
 */
export class KeySet {
  /**
   * @param {string} folder
   * @param {number} settleMs how long running apps get between two steps of a rotation
   */
  constructor(folder, settleMs = SETTLE_MS) {
    this.folder = folder;
    this.settleMs = settleMs;
  }

  /** @returns {string[]} the clients that may connect */
  get clients() {
    const files = existsSync(this.#path('allowed')) ? readdirSync(this.#path('allowed')) : [];
    return files.filter((file) => file.endsWith('.pub')).map((file) => file.slice(0, -'.pub'.length));
  }

  /**
   * A server and its first client.
   * @param {{ force: boolean }} options force: throw an existing set away, and with it every client's way in
   */
  create({ force }) {
    if (existsSync(this.#path('server.key'))) {
      if (!force) {
        throw new ScriptError(
          `${this.folder} already holds keys; \`npm run keys -- add NAME\` adds a client, --force replaces them all`,
        );
      }
      // Only what this program makes: somebody may have pointed it at a folder with more in it.
      for (const name of ['server.key', 'server.pub', 'clients', 'allowed']) {
        rmSync(this.#path(name), { recursive: true, force: true });
      }
    }
    for (const name of ['', 'clients', 'allowed']) {
      mkdirSync(this.#path(name), { recursive: true, mode: 0o700 });
      // A folder that was there keeps its mode otherwise.
      chmodSync(this.#path(name), 0o700);
    }
    const server = makeKeyPair();
    this.#writeServerPublic(server);
    this.#write('server.key', 'server', server);
    this.add(FIRST_CLIENT);
  }

  /** @param {string} name */
  add(name) {
    this.#mustExist();
    if (!NAME.test(name) || name === 'server') {
      throw new ScriptError(
        `"${name}" cannot name a client: use 1 to 64 letters, digits, - or _, and not "server"`,
      );
    }
    if (this.clients.includes(name)) {
      throw new ScriptError(`${name} has a key; \`npm run keys -- rotate ${name}\` gives it a new one`);
    }
    const pair = makeKeyPair();
    this.#write(join('clients', `${name}.key`), name, pair);
    this.#allow(name, pair);
  }

  /** @param {string} name */
  revoke(name) {
    this.#mustKnow(name);
    rmSync(this.#path('allowed', `${name}.pub`));
    rmSync(this.#path('clients', `${name}.key`), { force: true });
  }

  /**
   * Another key for a client. For a while both are allowed, so that it can change over; with the old one, every
   * connection ends for a moment.
   * @param {string} name
   */
  async rotateClient(name) {
    this.#mustKnow(name);
    const pair = makeKeyPair();
    this.#allow(`${name}.next`, pair);
    await delay(this.settleMs);
    this.#write(join('clients', `${name}.key`), name, pair);
    await delay(this.settleMs);
    renameSync(this.#path('allowed', `${name}.next.pub`), this.#path('allowed', `${name}.pub`));
  }

  /**
   * Another key for the server. Clients hear of it first: they leave with nothing on its way, and wait for the server.
   */
  async rotateServer() {
    this.#mustExist();
    const pair = makeKeyPair();
    this.#writeServerPublic(pair);
    await delay(this.settleMs);
    this.#write('server.key', 'server', pair);
  }

  /** @param {import('./curve-key.mjs').KeyPair} pair */
  #writeServerPublic({ publicKey }) {
    this.#write('server.pub', 'server', { publicKey });
  }

  /**
   * @param {string} name
   * @param {import('./curve-key.mjs').KeyPair} pair
   */
  #allow(name, { publicKey }) {
    this.#write(join('allowed', `${name}.pub`), name, { publicKey });
  }

  /**
   * Under another name first: whoever looks finds the old file or the new one, never half of it.
   * @param {string} file
   * @param {string} name
   * @param {{ publicKey: string, secretKey?: string }} keys
   */
  #write(file, name, keys) {
    const path = this.#path(file);
    rmSync(`${path}.new`, { force: true });
    writeFileSync(`${path}.new`, certificate(name, keys), { mode: 0o600, flag: 'wx' });
    renameSync(`${path}.new`, path);
  }

  /** @param {string} name */
  #mustKnow(name) {
    this.#mustExist();
    if (!this.clients.includes(name)) {
      throw new ScriptError(`no client is called ${name}; there are: ${this.clients.join(', ') || 'none'}`);
    }
  }

  #mustExist() {
    if (!existsSync(this.#path('server.key'))) {
      throw new ScriptError(`there are no keys in ${this.folder}; \`npm run keys\` makes them`);
    }
  }

  /** @param {string[]} parts */
  #path(...parts) {
    return join(this.folder, ...parts);
  }
}
