import type { LoggerService } from '@nestjs/common';
import { startSidecar, trade, until } from './sidecar.fixture.js';

describe('closing the sidecar', () => {
  it('takes in what was already sent, then logs the last count', async () => {
    const lines: string[] = [];
    const keep = (message: unknown): void => void lines.push(String(message));
    const logger: LoggerService = { log: keep, warn: keep, error: keep };
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
      `sidecar drained: received=101, applied=101, rejected=1, ` +
        `trades_total buy=1 sell=100, volume_total buy=0.1 sell=${volume}`,
    ]);
  });
});
