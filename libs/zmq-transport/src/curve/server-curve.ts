import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { Reply } from 'zeromq';
import { InvalidOptionsError, ThrottledLog, UnsupportedOperationError } from '@app/transport-core';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';
import { bindAgain } from '../sockets/patient-bind.js';
import { closeWithThread } from '../sockets/socket-settings.js';
import { explainToServer, type DenialReason } from './handshake-watch.js';
import {
  checkedKey,
  checkedPair,
  type CurveKeyPair,
  type CurveServerOptions,
  encodeKey,
  refuseInproc,
} from './keys.js';

/** The address at which libzmq asks about every handshake of the process; RFC 27 names it. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const NO_REQUEST_ID = Buffer.alloc(0);
/** How often the handler checks whether a server is left. */
const RECEIVE_TIMEOUT_MS = 100;

/** One server's decision on which clients may connect. */
interface ZapGate {
  /** Tells the sockets of one process apart. */
  readonly domain: string;
  /** Whether the client with this public key (Z85) may connect. Must not throw. */
  judge(publicKey: string, address: string): boolean;
}

/**
 * Answers libzmq's questions about handshakes. A process can have only one: all its servers share it, and it exists while a
 * server does.
 *
 * libzmq aborts the process when the handler is gone in the middle of a handshake (an assertion in
 * zap_client.cpp), and a closed server socket has handshakes under way for a while. So the handler's socket outlives the last
 * server by a grace period. It does not receive in that time, and so does not keep the process alive.
 */
class ZapHandler {
  private readonly gates = new Map<string, ZapGate>();
  private opening: Promise<Reply> | undefined;
  private answering = false;
  private closing: NodeJS.Timeout | undefined;
  private mayCloseAtMs = 0;

  /**
   * Asks `gate` about the handshakes of its domain.
   * @throws BindFailedError when other code in this process is already the ZAP handler
   */
  async open(gate: ZapGate): Promise<void> {
    clearTimeout(this.closing);
    this.gates.set(gate.domain, gate);
    this.opening ??= openSocket();
    try {
      const socket = await this.opening;
      if (!this.answering) {
        void this.answer(socket);
      }
    } catch (error) {
      this.gates.delete(gate.domain);
      this.opening = undefined;
      throw error;
    }
  }

  /** @param graceMs how long this gate's closed socket may still have handshakes under way */
  close(gate: ZapGate, graceMs: number): void {
    if (!this.gates.delete(gate.domain)) {
      return;
    }
    this.mayCloseAtMs = Math.max(this.mayCloseAtMs, performance.now() + graceMs);
    if (this.gates.size === 0) {
      const wait = this.mayCloseAtMs - performance.now();
      this.closing = setTimeout(() => void this.closeSocket(), wait).unref();
    }
  }

  private async closeSocket(): Promise<void> {
    const socket = await this.opening;
    if (this.gates.size === 0) {
      this.opening = undefined;
      socket?.close();
    }
  }

  /** Every request gets its answer: without one, libzmq lets its client wait. */
  private async answer(socket: Reply): Promise<void> {
    this.answering = true;
    while (this.gates.size > 0) {
      const frames = await receive(socket);
      if (frames !== undefined) {
        const [status, text] = this.judge(frames) ? ['200', 'OK'] : ['400', 'not allowed'];
        await socket.send([VERSION, frames[1] ?? NO_REQUEST_ID, status, text, '', '']);
      }
    }
    this.answering = false;
  }

  /** Frames of a request: version, request id, domain, address, identity, mechanism, and for CURVE the public key. */
  private judge(frames: readonly Buffer[]): boolean {
    const [version, , domain, address, , mechanism, key] = frames;
    if (version?.toString() !== VERSION || mechanism?.toString() !== 'CURVE' || key?.length !== 32) {
      return false;
    }
    const gate = this.gates.get(domain?.toString() ?? '');
    return gate?.judge(encodeKey(key), address?.toString() ?? '') ?? false;
  }
}

const zapHandler = new ZapHandler();

async function openSocket(): Promise<Reply> {
  const socket = new Reply({ linger: 0, receiveTimeout: RECEIVE_TIMEOUT_MS });
  closeWithThread(socket);
  try {
    await bindAgain(socket, ZAP_ADDRESS);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** @returns undefined when no question came within the socket's receive timeout */
async function receive(socket: Reply): Promise<readonly Buffer[] | undefined> {
  try {
    return await socket.receive();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EAGAIN') {
      return undefined;
    }
    throw error;
  }
}

/** The CURVE options of a server's socket. */
export interface CurveServerSettings {
  readonly curveServer: true;
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
  readonly zapDomain: string;
  /** Without it libzmq lets everybody in when no ZAP handler answers. */
  readonly zapEnforceDomain: true;
  /** −1 where it connects: libzmq must not reconnect by itself. */
  readonly reconnectInterval?: -1;
}

/** Time for libzmq's threads to finish what a closed socket had begun. */
const CLOSE_GRACE_MS = 1000;

/** The keys of one server, and its decisions on clients. */
class CurveServer implements ZapGate {
  readonly domain = randomUUID();
  private keyPair: CurveKeyPair;
  /** The public keys of clients that were let in and may still be connected. */
  private admitted = new Set<string>();

  /** @throws InvalidOptionsError */
  constructor(
    private options: CurveServerOptions,
    private readonly endpoints: ResolvedEndpoints,
    /** A client with this public key was denied; `error` is what the allow-list's provider threw, if it did. */
    private readonly onDenied: (publicKey: string, address: string, error: unknown) => void,
  ) {
    refuseInproc(endpoints);
    this.keyPair = readPair(options);
    checkAllowed(options);
  }

  /** Judges handshakes from now on; call it before the socket is bound. @throws BindFailedError */
  open(): Promise<void> {
    return zapHandler.open(this);
  }

  /** The socket was closed, with this linger. */
  close(lingerMs: number): void {
    // A connecting socket keeps trying while it lingers, and libzmq may ask about each try.
    zapHandler.close(this, CLOSE_GRACE_MS + (this.endpoints.role === 'connect' ? lingerMs : 0));
    this.admitted.clear();
  }

  settings(): CurveServerSettings {
    const { publicKey, secretKey } = this.keyPair;
    return {
      curveServer: true,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
      zapDomain: this.domain,
      zapEnforceDomain: true,
      // A session that libzmq reconnects keeps its pipe to the ZAP handler. When it must end in the middle of a later
      // handshake, libzmq 4.3.5 asserts that the pipe can be written to, and aborts the process. So `HandshakeWatch`
      // reconnects, with a new session for each try.
      ...(this.endpoints.role === 'connect' && { reconnectInterval: -1 }),
    };
  }

  judge(publicKey: string, address: string): boolean {
    let error: unknown;
    try {
      if (this.options.allowedClients === 'any') {
        return true;
      }
      if (this.allowed().has(publicKey)) {
        this.admitted.add(publicKey);
        return true;
      }
    } catch (thrown) {
      error = thrown;
    }
    this.onDenied(publicKey, address, error);
    return false;
  }

  /**
   * Reads the keys again.
   * @returns whether connections must end: the server's own pair changed, or a client that was let in is not allowed now
   * @throws InvalidOptionsError, or what a provider throws; the old keys stay then
   */
  refresh(next: Partial<CurveServerOptions> = {}): boolean {
    const options = { ...this.options, ...next };
    const keyPair = readPair(options);
    checkAllowed(options);
    const isRekeyed = keyPair.secretKey !== this.keyPair.secretKey;
    this.options = options;
    this.keyPair = keyPair;
    const isRevoked = options.allowedClients !== 'any' && !isSubset(this.admitted, this.allowed());
    return isRekeyed || isRevoked;
  }

  /** Forgets clients that are not allowed now: their connections have ended. */
  forgetStale(): void {
    const { allowedClients } = this.options;
    const allowed = allowedClients === 'any' ? new Set<string>() : this.allowed();
    this.admitted = new Set([...this.admitted].filter((key) => allowed.has(key)));
  }

  private allowed(): ReadonlySet<string> {
    const { allowedClients } = this.options;
    return new Set(typeof allowedClients === 'function' ? allowedClients() : allowedClients);
  }
}

function readPair({ keyPair }: CurveServerOptions): CurveKeyPair {
  return checkedPair('curve.keyPair', typeof keyPair === 'function' ? keyPair() : keyPair);
}

function checkAllowed({ allowedClients }: CurveServerOptions): void {
  // JavaScript code or a settings file can still leave it out.
  if (allowedClients === undefined) {
    throw new InvalidOptionsError("`curve.allowedClients` is missing; set it to 'any' to let everybody in");
  }
  if (typeof allowedClients === 'object') {
    for (const key of allowedClients) {
      checkedKey('curve.allowedClients', key);
    }
  }
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((item) => all.has(item));
}

const MAX_REMEMBERED = 1000;
/** A peer with wrong keys tries again for as long as it runs. */
const REPEAT_MS = 60_000;

/** Counts the peers that a server denied, and logs them: each peer and reason once a minute, and at most one line a second. */
export class DenialLog {
  private denied = 0;
  private saidAtMs = new Map<string, number>();
  private readonly log: ThrottledLog;

  /** @param isKeyChanging whether clients may already expect a key that this server does not have yet */
  constructor(
    logger: LoggerService,
    private readonly isKeyChanging: () => boolean = () => false,
  ) {
    this.log = new ThrottledLog(logger);
  }

  get count(): number {
    return this.denied;
  }

  /** @param who what is known of the peer, such as its public key and address */
  add(reason: DenialReason, who = 'a peer'): void {
    this.denied += 1;
    const nowMs = performance.now();
    const line = `denied ${who}: ${explainToServer(reason)}`;
    if (nowMs - (this.saidAtMs.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) {
      return;
    }
    if (reason === 'server_key' && this.isKeyChanging()) {
      return;
    }
    // A stranger can make any number of keys.
    if (this.saidAtMs.size >= MAX_REMEMBERED) {
      this.saidAtMs.clear();
    }
    this.saidAtMs.set(line, nowMs);
    this.log.warn(`${line} (${this.denied} denied so far)`);
  }

  /** The keys changed: log peers again that are still denied. */
  keysChanged(): void {
    this.saidAtMs.clear();
  }
}

/** The part of a receiver that concerns keys. */
interface SecuredReceiver {
  open(): Promise<void>;
  /** Ends all connections; peers reconnect with the settings as they are then. */
  rekey(settings: () => CurveServerSettings): Promise<void>;
}

/** Decides which clients a server lets in, and reports those that it denies; without CURVE it lets everybody in. */
export class ServerSecurity {
  private readonly denied: DenialLog;
  private readonly curve: CurveServer | undefined;
  private readonly log: ThrottledLog;
  /** The last change of keys, once it is over. */
  private rotating: Promise<unknown> = Promise.resolve();

  /** @throws InvalidOptionsError */
  constructor(
    options: CurveServerOptions | undefined,
    private readonly endpoints: ResolvedEndpoints,
    logger: LoggerService,
  ) {
    this.log = new ThrottledLog(logger);
    this.denied = new DenialLog(logger, options?.isKeyChanging);
    this.curve = options && new CurveServer(options, endpoints, (...args) => this.onKeyDenied(...args));
  }

  get isOn(): boolean {
    return this.curve !== undefined;
  }

  get deniedPeers(): number {
    return this.denied.count;
  }

  settings(): CurveServerSettings | undefined {
    return this.curve?.settings();
  }

  /** Judges handshakes from now on, and opens the receiver. @throws BindFailedError */
  async open(receiver: SecuredReceiver): Promise<void> {
    await this.curve?.open();
    await receiver.open().catch((error: unknown) => {
      this.close(0);
      throw error;
    });
  }

  /** The socket was closed, with this linger. */
  close(lingerMs: number): void {
    this.curve?.close(lingerMs);
  }

  /** See `ZmqServer.rotateKeys`. One change waits for the one before it: each may bind the socket anew. */
  rotate(receiver: SecuredReceiver | undefined, next: Partial<CurveServerOptions>): Promise<boolean> {
    const rotated = this.rotating.then(() => this.rotateOnce(receiver, next));
    this.rotating = rotated.catch(() => undefined);
    return rotated;
  }

  private async rotateOnce(
    receiver: SecuredReceiver | undefined,
    next: Partial<CurveServerOptions>,
  ): Promise<boolean> {
    const { curve } = this;
    if (curve === undefined) {
      throw new UnsupportedOperationError('this server was created without `curve`');
    }
    if (this.endpoints.role === 'connect') {
      // With such a socket libzmq 4.3.5 gives connections up, or aborts the process, while handshakes fail.
      throw new UnsupportedOperationError('a server that connects cannot change its keys while it runs');
    }
    const mustEnd = curve.refresh(next);
    this.denied.keysChanged();
    if (mustEnd) {
      await receiver?.rekey(() => curve.settings());
      curve.forgetStale();
    }
    return mustEnd;
  }

  /** The socket's events report a failed handshake. {@link onKeyDenied} has reported keys that are not allowed. */
  onHandshakeDenied(reason: DenialReason): void {
    if (reason !== 'client_key') {
      this.denied.add(reason);
    }
  }

  private onKeyDenied(publicKey: string, address: string, error: unknown): void {
    if (error !== undefined) {
      this.log.error(
        'the list of allowed clients cannot be read: no client is allowed until it can be read',
        error,
      );
    }
    this.denied.add('client_key', `the client ${publicKey} at ${address}`);
  }
}
