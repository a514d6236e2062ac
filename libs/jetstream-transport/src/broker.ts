import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import {
  jetstream,
  type JetStreamClient as NatsJetStream,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node';
import { BrokerUnfitError, BrokerUnreachableError } from './errors.js';
import { misfitOf, missingSubjects, subjectsOf } from './stream-fit.js';
import {
  connectTimeout,
  type JetStreamOptions,
  type ServerAddresses,
  serverAddresses,
  type StreamSettings,
  streamSettings,
} from './options.js';

/** JetStream's error while a cluster has not found its servers yet. */
const NO_SUITABLE_PEERS = 10_005;
/** JetStream's error of a server alone that is asked for more than one copy. */
const REPLICAS_NOT_SUPPORTED = 10_074;
const NANOS_PER_MS = 1_000_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
/** Most lines about rights: a broker may deny each partition. */
const MOST_DENIALS = 20;

/**
 * `connecting` until the broker is there with its stream, `disconnected` while it is away again, `refused` while it is there
 * but cannot serve these options.
 */
export type BrokerState = 'idle' | 'connecting' | 'connected' | 'refused' | 'disconnected' | 'closed';

/** A connection that is up, and its stream. */
export interface BrokerSession {
  readonly connection: NatsConnection;
  readonly jetstream: NatsJetStream;
  readonly manager: JetStreamManager;
  /** When the stream was made: a stream made at another time is a new one, whose sequences begin again. */
  readonly streamCreated: string;
}

export interface BrokerHost {
  readonly logger: LoggerService;
  /** The broker is there, for the first time or again. */
  readonly onConnected: (session: BrokerSession) => void;
  readonly onStateChange: (state: BrokerState) => void;
  /** It handles the events: none may lie in a partition that nobody looks at. */
  readonly isServer?: boolean;
  /** Does once what the host needs rights for. @throws what the broker says */
  readonly prove: (session: BrokerSession) => Promise<void>;
  /** Whether the host reports a refusal itself now, as its start fails with it. */
  readonly reportsRefusal?: () => boolean;
}

/** The connection to the broker. Connects in the background, tries again for as long as it takes, and logs each change once. */
export class Broker {
  readonly stream: StreamSettings;
  private readonly addresses: ServerAddresses;
  private readonly timeoutMs: number;
  private readonly stopping = new AbortController();
  private current: BrokerState = 'idle';
  /** Why the broker does not serve us, as it was logged; undefined while it does. */
  private fault: Error | undefined;
  private session: BrokerSession | undefined;
  private running: Promise<void> | undefined;
  private reconnectCount = 0;
  private disconnectCount = 0;
  private isChecking = false;
  private wasConnected = false;
  private readonly denials = new Set<string>();

  /** @throws InvalidOptionsError */
  constructor(
    private readonly options: JetStreamOptions,
    private readonly host: BrokerHost,
  ) {
    this.stream = streamSettings(options.stream);
    this.addresses = serverAddresses(options.servers);
    this.timeoutMs = connectTimeout(options);
  }

  get state(): BrokerState {
    return this.current;
  }

  /** Why the broker does not serve us; undefined while it does, or while that is unknown. */
  get refusal(): BrokerUnfitError | undefined {
    return this.current === 'refused' && this.fault instanceof BrokerUnfitError ? this.fault : undefined;
  }

  /** Times that the connection came back. */
  get reconnects(): number {
    return this.reconnectCount;
  }

  /** Times that the connection was lost. */
  get disconnects(): number {
    return this.disconnectCount;
  }

  get subjectOf(): (partition: number) => string {
    return (partition) => `${this.stream.subjectPrefix}.${partition}`;
  }

  /** The stream seems to be gone: checks, and makes it again if it is. A new stream is a new session. */
  recheck(): void {
    const { session } = this;
    if (session === undefined || this.isChecking) {
      return;
    }
    this.isChecking = true;
    void this.findAgain(session).finally(() => {
      this.isChecking = false;
    });
  }

  /** Tries until the stream serves us, or the connection is another one. */
  private async findAgain(session: BrokerSession): Promise<void> {
    for (let failures = 0; this.session === session; failures += 1) {
      try {
        const found = await this.sessionOf(session.connection);
        if (this.session === session && (failures > 0 || found.streamCreated !== session.streamCreated)) {
          this.onServed(found);
        }
        return;
      } catch (error) {
        if (this.session !== session) {
          return;
        }
        this.onFailed(error);
      }
      await this.wait(failures);
    }
  }

  /** Begins to connect; returns at once. */
  start(): void {
    if (this.running === undefined) {
      this.setState('connecting');
      this.running = this.keepConnected();
    }
  }

  /**
   * Connects once, so that options that cannot work fail at once.
   * @throws BrokerUnfitError; BrokerUnreachableError
   */
  async check(): Promise<void> {
    const connection = await this.connectOnce();
    try {
      await this.sessionOf(connection);
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.session?.connection.close();
    await this.running;
    this.setState('closed');
  }

  private async keepConnected(): Promise<void> {
    for (let failures = 0; !this.stopping.signal.aborted; failures += 1) {
      try {
        const connection = await this.connectOnce();
        const { signal } = this.stopping;
        // A close must also end a connection that is not in use yet.
        const end = (): void => void connection.close();
        signal.addEventListener('abort', end);
        try {
          await this.use(connection, () => (failures = -1));
        } finally {
          signal.removeEventListener('abort', end);
          this.session = undefined;
          await connection.close();
        }
      } catch (error) {
        this.onFailed(error);
      }
      await this.wait(failures);
    }
  }

  /** Resolves when the connection has ended for good. @throws BrokerUnfitError */
  private async use(connection: NatsConnection, onUp: () => void): Promise<void> {
    if (this.stopping.signal.aborted) {
      return;
    }
    const up = async (): Promise<void> => {
      const session = await this.sessionOf(connection);
      onUp();
      this.onServed(session);
    };
    await up();
    if (connection.isClosed()) {
      // Its statuses would never end.
      return;
    }
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.setState('disconnected');
      } else if (status.type === 'reconnect') {
        this.reconnectCount += 1;
        await up();
      } else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
        this.onDenied(status.error);
      }
    }
    const ended = await connection.closed();
    if (ended instanceof Error) {
      throw ended;
    }
  }

  private async connectOnce(): Promise<NatsConnection> {
    const { credentials, name = 'nestjs-jetstream-transport', tls } = this.options;
    const { servers, user, pass } = this.addresses;
    try {
      return await connect({
        servers,
        name,
        timeout: this.timeoutMs,
        maxReconnectAttempts: -1,
        ignoreAuthErrorAbort: true,
        // A machine that lost its power says nothing: without answers to three pings it is away.
        pingInterval: this.timeoutMs,
        // Its stack traces for each request cost more than the request.
        noAsyncTraces: true,
        reconnectTimeWait: FIRST_WAIT_MS,
        reconnectJitter: FIRST_WAIT_MS,
        ...(user === undefined ? {} : { user, pass: pass ?? '' }),
        ...(tls === undefined ? {} : { tls }),
        ...(credentials === undefined
          ? {}
          : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
      });
    } catch (error) {
      if (
        error instanceof errors.AuthorizationError ||
        error instanceof errors.UserAuthenticationExpiredError
      ) {
        throw new BrokerUnfitError(`the broker denies the credentials: ${error.message}`, 'credentials', {
          cause: error,
        });
      }
      const why = error instanceof Error ? error.message : String(error);
      throw new BrokerUnreachableError(`no NATS server answers at ${servers.join(', ')}: ${why}`, {
        cause: error,
      });
    }
  }

  /** Finds the stream, or makes it. */
  private async sessionOf(connection: NatsConnection): Promise<BrokerSession> {
    try {
      const manager = await jetstreamManager(connection, { timeout: this.timeoutMs });
      const info = await this.withSubjects(manager, await this.findOrMake(manager));
      const misfit = misfitOf(this.stream, info);
      if (misfit !== undefined) {
        const { fault, option } = misfit;
        throw new BrokerUnfitError(`the stream ${this.stream.name} does not fit: ${fault}`, option);
      }
      const client = jetstream(connection, { timeout: this.timeoutMs });
      const session = { connection, jetstream: client, manager, streamCreated: info.created };
      if (this.host.isServer === true) {
        await this.lookBeyond(manager);
      }
      await this.host.prove(session);
      return session;
    } catch (error) {
      throw unfitFor(error);
    }
  }

  private async findOrMake(manager: JetStreamManager): Promise<StreamInfo> {
    const { name, replicas, maxAgeMs, maxBytes, duplicateWindowMs } = this.stream;
    try {
      return await manager.streams.info(name);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.StreamNotFound) {
        throw error;
      }
    }
    this.host.logger.log(`the stream ${name} does not exist: making it`);
    return manager.streams.add({
      name,
      // Exactly these: the broker does not take what no partition would ever handle.
      subjects: subjectsOf(this.stream),
      retention: 'limits',
      storage: 'file',
      // The stream refuses messages without room, and they wait at the producer: it never drops a stored event for a new one.
      discard: 'new',
      num_replicas: replicas,
      max_age: maxAgeMs * NANOS_PER_MS,
      max_bytes: maxBytes,
      duplicate_window:
        Math.min(duplicateWindowMs, maxAgeMs === 0 ? duplicateWindowMs : maxAgeMs) * NANOS_PER_MS,
    });
  }

  /** A server with more partitions than the stream has adds theirs: then a client may have them too. */
  private async withSubjects(manager: JetStreamManager, info: StreamInfo): Promise<StreamInfo> {
    const { name, subjects: has = [] } = info.config;
    const missing = missingSubjects(this.stream, info);
    const isOurs = has.length > 0 && has.every((it) => it.startsWith(`${this.stream.subjectPrefix}.`));
    if (this.host.isServer !== true || missing.length === 0 || !isOurs) {
      return info;
    }
    this.host.logger.log(
      `adding the subjects of new partitions to the stream ${name}: ${missing.join(', ')}`,
    );
    return manager.streams.update(name, { subjects: [...has, ...missing] });
  }

  /**
   * Clients with more partitions than this server would otherwise lose events in silence. A server that counts already goes on
   * with its own partitions.
   * @throws BrokerUnfitError
   */
  private async lookBeyond(manager: JetStreamManager): Promise<void> {
    const { name, subjectPrefix, partitions } = this.stream;
    const { state } = await manager.streams.info(name, { subjects_filter: `${subjectPrefix}.*` });
    const subjects = subjectsOf(this.stream);
    const strays = Object.keys(state.subjects ?? {}).filter((subject) => !subjects.includes(subject));
    const beyond = strays
      .map((subject) => subject.slice(subjectPrefix.length + 1))
      .filter((token) => /^\d{1,3}$/.test(token) && Number(token) >= partitions);
    if (strays.length === 0) {
      return;
    }
    if (beyond.length === 0) {
      this.host.logger.warn(
        `the stream ${name} has messages in ${strays.join(', ')}, which are not partitions: no server handles them`,
      );
      return;
    }
    const fault =
      `the stream ${name} has events in the partitions ${beyond.join(', ')}, which no server of ${partitions} partitions ` +
      'handles: raise the number of partitions, or purge those subjects';
    if (!this.wasConnected) {
      throw new BrokerUnfitError(fault, 'partitions');
    }
    this.host.logger.warn(fault);
  }

  /** A right that was taken away while it runs; logged once for each. */
  private onDenied({ message }: Error): void {
    if (this.wasConnected && !this.denials.has(message) && this.denials.size < MOST_DENIALS) {
      this.denials.add(message);
      this.host.logger.warn(`the broker denies this program a permission: ${message}`);
    }
  }

  private onServed(session: BrokerSession): void {
    if (this.stopping.signal.aborted) {
      return;
    }
    this.session = session;
    if (this.fault !== undefined) {
      this.fault = undefined;
      this.host.logger.log('the broker accepts this program now');
    }
    this.wasConnected = true;
    this.setState('connected');
    this.host.onConnected(session);
  }

  private onFailed(error: unknown): void {
    if (this.stopping.signal.aborted) {
      return;
    }
    const fault = error instanceof Error ? error : new Error(String(error));
    const isUnfit = fault instanceof BrokerUnfitError;
    this.setState(isUnfit ? 'refused' : this.awayState);
    // A broker that was there and went is the host's to report, by the state.
    if (fault.message !== this.fault?.message && (isUnfit || !this.wasConnected)) {
      // Logged once for each reason: the client tries again several times a second.
      this.fault = fault;
      if (!(isUnfit && this.host.reportsRefusal?.() === true)) {
        this.host.logger.warn(`${fault.message}; trying again`);
      }
    }
  }

  private get awayState(): BrokerState {
    return this.current === 'connecting' ? 'connecting' : 'disconnected';
  }

  private async wait(failures: number): Promise<void> {
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, failures), LONGEST_WAIT_MS);
    await delay(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private setState(state: BrokerState): void {
    if (this.current === state || this.current === 'closed') {
      return;
    }
    if (state === 'disconnected' && this.current === 'connected') {
      this.disconnectCount += 1;
    }
    this.current = state;
    this.host.onStateChange(state);
  }
}

/** Tells errors that waiting does not change from errors that may pass. */
function unfitFor(error: unknown): unknown {
  // The client does not export this class.
  if (error instanceof Error && error.name === 'JetStreamNotEnabled') {
    return new BrokerUnfitError(
      'the NATS server has no JetStream: start it with -js, or enable it for the account of this user',
      'servers',
      {
        cause: error,
      },
    );
  }
  if (error instanceof JetStreamApiError) {
    if (error.code === REPLICAS_NOT_SUPPORTED) {
      return new BrokerUnfitError(`JetStream refuses the stream: ${error.message}`, 'replicas', {
        cause: error,
      });
    }
    const isRefusal = error.status >= 400 && error.status < 500 && error.code !== NO_SUITABLE_PEERS;
    return isRefusal
      ? new BrokerUnfitError(`JetStream refuses the stream: ${error.message}`, 'stream', { cause: error })
      : error;
  }
  const denied = denialOf(error);
  if (denied !== undefined) {
    // The name of the inbox is another one at each try.
    const why = denied.message.replace(/_INBOX\.[^"]*/u, '_INBOX.>');
    return new BrokerUnfitError(`the broker denies JetStream to these credentials: ${why}`, 'credentials', {
      cause: error,
    });
  }
  return error;
}

/** The denial of a right to these credentials: a request that was denied carries it as its cause. */
export function denialOf(error: unknown): Error | undefined {
  const denied = error instanceof errors.RequestError ? error.cause : error;
  return denied instanceof errors.PermissionViolationError ? denied : undefined;
}
