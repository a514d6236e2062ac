/** Reconnection: a server that goes and comes back finds its clients again, and nothing that waited is lost. */
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: unknown[] = [];
beforeEach(() => {
  seen = [];
});

@Controller()
class EchoController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown): void {
    seen.push(data);
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const RECONNECT = { reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50 };

describe.each(EVERY_WIRING)('a server that returns over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('three times is found each time, on the same client', async () => {
    const first = await scope.start({ wiring, controllers: [EchoController] });
    const client = await first.connect(RECONNECT);
    let current = first;
    for (const round of [1, 2, 3]) {
      await current.app.close();
      await until(() => client.linkState === 'disconnected');
      if (wiring.pair !== 'pub-sub') {
        client.emit('event', `waited ${round}`);
      }
      current = await scope.start({ wiring, controllers: [EchoController], server: { bind: first.address } });
      await until(() => client.linkState === 'connected');
      client.emit('event', `sent ${round}`);
      await until(() => seen.includes(`sent ${round}`));
      expect(client.stats().reconnects).toBe(round);
    }
    const expected = [1, 2, 3].flatMap((round) => [`waited ${round}`, `sent ${round}`]);
    expect(seen).toEqual(expected.filter((text) => wiring.pair !== 'pub-sub' || text.startsWith('sent')));
  });
});

describe.each(REQUEST_WIRINGS)('requests after a return over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are answered by the new server, and no answer of the old one is taken for theirs', async () => {
    const first = await scope.start({ wiring, controllers: [EchoController] });
    const client = await first.connect(RECONNECT);
    expect(await lastValueFrom(client.send('echo', 'old'))).toBe('old');
    await first.app.close();
    await until(() => client.linkState === 'disconnected');
    await scope.start({ wiring, controllers: [EchoController], server: { bind: first.address } });
    const answers = await Promise.all([1, 2, 3].map((n) => lastValueFrom(client.send('echo', n))));
    expect(answers).toEqual([1, 2, 3]);
  });
});
