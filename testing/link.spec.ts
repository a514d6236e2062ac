import { connect, createServer, type Server, type Socket } from 'node:net';
import { Link } from './link.js';
import { freePorts, listen, portOf } from './ports.js';
import { until } from './wait.js';

/** Node's own `once` would fail with the reset that comes first. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())));
}

describe('the link between two programs', () => {
  let server: Server;
  let link: Link;
  let heard: string;
  let far: Socket | undefined;

  beforeEach(async () => {
    heard = '';
    server = await listen(
      createServer((socket) => {
        far = socket.on('error', () => undefined).on('data', (bytes) => (heard += String(bytes)));
      }),
    );
    link = await Link.open(portOf(server));
  });
  afterEach(async () => {
    await link.close();
    far?.destroy();
    server.close();
  });

  function dial(): Socket {
    const socket = connect(Number(link.address.split(':').at(-1)), '127.0.0.1');
    return socket.on('error', () => undefined);
  }

  it('passes on what comes', async () => {
    dial().write('one');
    await until(() => heard === 'one');
    expect(link.passed).toBe(1);
  });

  it('keeps what comes while it holds, and loses what it swallows', async () => {
    const socket = dial();
    await until(() => link.passed === 1);
    link.hold();
    socket.write('held');
    link.restore();
    await until(() => heard === 'held');
    link.swallow();
    socket.write('lost');
    link.restore();
    // Whoever was connected over the hole is told.
    await closed(socket);
    expect(heard).toBe('held');
  });

  it('resets every connection while it is cut, and lets new ones through after', async () => {
    const socket = dial();
    await until(() => link.passed === 1);
    link.cut();
    await closed(socket);
    await closed(dial());
    link.restore();
    dial().write('again');
    await until(() => heard !== '');
    expect(heard).toBe('again');
  });
});

it('gives no port twice', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
});
