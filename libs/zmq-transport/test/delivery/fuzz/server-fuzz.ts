import { setImmediate as nextTurn } from 'node:timers/promises';
import { Dealer } from 'zeromq';
import { ZmqServer } from '../../../src/index.js';
import { RouterIntake } from '../../../src/server/router-intake.js';
import { ReplyOutbox } from '../../../src/server/reply-outbox.js';
import { READY } from '../../../src/wire/frames.js';
import { decodeReady } from '../../../src/wire/greeting.js';
import type { FuzzOptions } from './fuzz-options.js';
import { HeapWatch } from '../../../../transport-core/test/harness/heap-watch.js';
import { HonestPeer } from './honest-peer.js';
import { MessageMutator, type PeerSession } from './message-mutator.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';
import type { ServerOutcome } from './verdict.js';

/** Peers that exist for the intake only. */
const IMAGINED_PEERS = 24;
/** Peers with a socket. */
const REAL_PEERS = 3;
/** Of a hundred messages so many go over a real socket. */
const REAL_SHARE = 20;
const MESSAGES_A_TURN = 200;
const MAX_PRODUCERS = 64;

/** A peer that is real to the intake: what is said to it is heard, and its session known. */
interface Imagined extends PeerSession {
  readonly identity: Buffer;
}

/**
 * Mutated messages against a real server: most of them straight into its intake, which is faster, the others through its
 * ROUTER, while an honest client goes on with its work.
 */
export async function fuzzServer({
  frames,
  seed,
  onProgress,
}: FuzzOptions): Promise<ServerOutcome & { readonly maxQueued: number } & Record<string, unknown>> {
  const random = seededRandom(seed);
  const mutator = new MessageMutator(random);
  const imagined = new Map<string, Imagined>();
  const hook = hookIntake(imagined);
  let honest: HonestPeer | undefined;
  const server = new ZmqServer({
    pair: 'dealer-router',
    bind: 'tcp://127.0.0.1:*',
    maxFrameBytes: 65_536,
    maxPendingRequests: 64,
    lingerMs: 0,
    drainTimeoutMs: 500,
    onRejected: () => undefined,
    delivery: {
      windowEvents: 64,
      windowBytes: 65_536,
      maxProducers: MAX_PRODUCERS,
      retry: { maxRetries: 1, backoffMs: 1 },
    },
  });
  HonestPeer.handlersOf(server, () => honest);
  await new Promise<void>((resolve, reject) => {
    server.listen((error) => (error === undefined ? resolve() : reject(error as Error)));
  });
  const [address = ''] = server.boundAddresses;
  honest = new HonestPeer(address);
  await honest.connect();
  const hostile = Array.from({ length: REAL_PEERS }, () => new HostileDealer(address, mutator));
  const heap = new HeapWatch();
  let maxQueued = 0;
  for (let sent = 0; sent < frames; sent += 1) {
    if (random.below(100) < REAL_SHARE) {
      await random.pick(hostile as [HostileDealer]).send();
    } else {
      await say(hook.intake(), pickPeer(imagined, random), mutator);
    }
    if (sent % MESSAGES_A_TURN === 0) {
      await nextTurn();
      honest.speak();
      maxQueued = Math.max(maxQueued, server.stats().delivery.queuedEvents);
    }
    if (sent % 50_000 === 0) {
      onProgress?.(`server: ${sent} messages, ${heap.sample().toFixed(1)} MiB`);
    }
  }
  const outcome = await honest.outcome();
  hostile.forEach((one) => one.close());
  heap.sample();
  const { delivery, rejected, state } = server.stats();
  await honest.close();
  await server.close();
  hook.remove();
  return {
    messages: frames,
    state,
    honest: outcome,
    rejected,
    delivery,
    maxQueued,
    heapMib: { start: heap.startMib, max: heap.maxMib },
  };
}

async function say(intake: RouterIntake | undefined, peer: Imagined, mutator: MessageMutator): Promise<void> {
  await intake?.accept([peer.identity, ...mutator.toServer(peer)], Date.now() / 1000);
}

function pickPeer(imagined: Map<string, Imagined>, random: SeededRandom): Imagined {
  const identity = Buffer.from(`imagined-${random.below(IMAGINED_PEERS)}`);
  const key = identity.toString('latin1');
  const peer = imagined.get(key) ?? { identity, session: undefined, last: 0 };
  imagined.set(key, peer);
  return peer;
}

/** Finds the server's intake, and lets imagined peers hear what is said to them. */
function hookIntake(imagined: ReadonlyMap<string, Imagined>): {
  readonly intake: () => RouterIntake | undefined;
  readonly remove: () => void;
} {
  const { accept } = RouterIntake.prototype;
  const { control } = ReplyOutbox.prototype;
  let intake: RouterIntake | undefined;
  RouterIntake.prototype.accept = function (this: RouterIntake, frames, receivedAtSeconds) {
    intake = this as RouterIntake;
    return accept.call(this, frames, receivedAtSeconds);
  };
  ReplyOutbox.prototype.control = function (this: ReplyOutbox, identity, kind, payload) {
    const peer = imagined.get(identity.toString('latin1'));
    if (peer === undefined) {
      return control.call(this, identity, kind, payload);
    }
    hearReady(peer, kind, payload);
    return undefined;
  };
  const remove = (): void => {
    RouterIntake.prototype.accept = accept;
    ReplyOutbox.prototype.control = control;
  };
  return { intake: () => intake, remove };
}

function hearReady(peer: PeerSession, kind: number | undefined, payload: Buffer): void {
  const grant = kind === READY ? decodeReady(payload) : undefined;
  if (grant !== undefined) {
    peer.session = grant.session;
    peer.last = grant.received;
  }
}

/** A client that means harm, with a socket of its own. */
class HostileDealer {
  private readonly socket: Dealer;
  private readonly peer: PeerSession = { session: undefined, last: 0 };

  constructor(
    address: string,
    private readonly mutator: MessageMutator,
  ) {
    this.socket = new Dealer({ linger: 0, sendTimeout: 2000 });
    this.socket.connect(address);
    void this.listen();
  }

  async send(): Promise<void> {
    const frames = this.mutator.toServer(this.peer);
    if (frames.length > 0) {
      await this.socket.send(frames);
    }
  }

  close(): void {
    this.socket.close();
  }

  private async listen(): Promise<void> {
    for await (const [kind, payload] of this.socket) {
      hearReady(this.peer, kind?.[0], payload ?? Buffer.alloc(0));
    }
  }
}
