import { Reply } from 'zeromq';
import { bindAgain } from './patient-bind.js';
import { encodeKey } from './z85.js';

/** Where libzmq asks about every handshake of the process; the name is RFC 27's. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const NO_REQUEST_ID = Buffer.alloc(0);

/** One server's word on who may come in. */
export interface ZapGate {
  /** Tells the sockets of one process apart. */
  readonly domain: string;
  /** Whether the client with this public key (Z85) may come in. Must not throw. */
  judge(publicKey: string, address: string): boolean;
}

/** There can be one ZAP handler in a process: it is shared by all servers, and there while there are any. */
const gates = new Map<string, ZapGate>();
let opening: Promise<Reply> | undefined;

/**
 * Asks `gate` about the handshakes of its domain.
 * @throws BindFailedError when somebody else in this process already is the ZAP handler
 */
export async function openGate(gate: ZapGate): Promise<void> {
  gates.set(gate.domain, gate);
  opening ??= openHandler();
  try {
    await opening;
  } catch (error) {
    gates.delete(gate.domain);
    opening = undefined;
    throw error;
  }
}

/** With the last gate the handler goes too: its socket would keep the process from ending by itself. */
export function closeGate(gate: ZapGate): void {
  if (!gates.delete(gate.domain) || gates.size > 0) {
    return;
  }
  const closing = opening;
  opening = undefined;
  void closing?.then(
    (socket) => socket.close(),
    // Its opener was told.
    () => undefined,
  );
}

async function openHandler(): Promise<Reply> {
  const socket = new Reply({ linger: 0 });
  try {
    await bindAgain(socket, ZAP_ADDRESS);
  } catch (error) {
    socket.close();
    throw error;
  }
  void answer(socket);
  return socket;
}

/** Every request gets its answer: without one, libzmq lets its client wait. */
async function answer(socket: Reply): Promise<void> {
  for await (const frames of socket) {
    const [status, text] = judge(frames) ? ['200', 'OK'] : ['400', 'not allowed'];
    await socket.send([VERSION, frames[1] ?? NO_REQUEST_ID, status, text, '', '']);
  }
}

/** Frames of a request: version, request id, domain, address, identity, mechanism, and for CURVE the public key. */
function judge(frames: readonly Buffer[]): boolean {
  const [version, , domain, address, , mechanism, key] = frames;
  if (version?.toString() !== VERSION || mechanism?.toString() !== 'CURVE' || key?.length !== 32) {
    return false;
  }
  return gates.get(domain?.toString() ?? '')?.judge(encodeKey(key), address?.toString() ?? '') ?? false;
}
