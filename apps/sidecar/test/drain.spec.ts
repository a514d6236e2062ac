import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { startSidecar, trade, until } from './sidecar.fixture.js';

describe('closing the sidecar', () => {
  let lines: string[];
  const keep = (message: unknown): void => void lines.push(String(message));
  const logger: LoggerService = { log: keep, warn: keep, error: keep };

  beforeEach(() => {
    lines = [];
  });

  it('takes in what was already sent, then logs the last count', async () => {
    const sidecar = await startSidecar({}, logger);
    const socket = sidecar.connect();
    await socket.send(JSON.stringify(trade({ qty: 0.1 })));
    // Only when the first is in is the connection known to stand, and with it that the rest is on its way.
    await until('the connection stands', () => sidecar.server.stats().received === 1);
    for (let sent = 0; sent < 100; sent += 1)
      await socket.send(JSON.stringify(trade({ side: 'sell', qty: 0.2 })));
    await socket.send('bad');

    await sidecar.app.close();
    socket.close();

    let volume = 0;
    for (let sent = 0; sent < 100; sent += 1) volume += 0.2;
    expect(lines.filter((line) => line.startsWith('sidecar drained'))).toEqual([
      `sidecar drained: received=102, applied=101, rejected=1, ` +
        `trades_total buy=1 sell=100, volume_total buy=0.1 sell=${volume}, dead letters replayed=0`,
    ]);
  });

  it('counts in that line what this process received, so that applied and rejected add up to it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-drain-'));
    const earlier = await startSidecar({ SIDECAR_STATE_DIR: folder });
    await earlier.connect().send(JSON.stringify([trade(), trade(), trade({ qty: -1 })]));
    await until(
      'the trades are applied',
      async () => (await earlier.metric('trades_total{side="buy"}')) === 2,
    );
    const failed = { reason: 'handler_failed', detail: 'boom', receivedAtSeconds: 5 } as const;
    earlier.app.get(RejectionsService).reject({ ...failed, content: trade() });
    await earlier.close();

    const sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder }, logger);
    const [letter] = (await sidecar.letters()).letters;
    await fetch(`${sidecar.url}/dead-letters/${letter?.id}/replay`, { method: 'POST' });
    const socket = sidecar.connect();
    for (const input of [JSON.stringify([trade(), { type: 'other' }]), 'bad', '{"type":"trade"}'])
      await socket.send(input);
    await until(
      'all is taken in',
      async () => (await sidecar.metric('trading_transport_received_total')) === 4,
    );
    expect(await sidecar.rejections()).toMatchObject({ malformed: 1, unknown_type: 1 });
    await sidecar.close();
    await rm(folder, { recursive: true });

    expect(lines.filter((line) => line.startsWith('sidecar drained'))).toEqual([
      'sidecar drained: received=4, applied=1, rejected=3, trades_total buy=4 sell=0, ' +
        'volume_total buy=4 sell=0, dead letters replayed=1',
    ]);
  });
});
