import { performance } from 'node:perf_hooks';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Push } from 'zeromq';
import { BatchEventPattern, type BareEventDeserializer, type ZmqBatchContext } from '../../src/index.js';
import { type Service, ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Row {
  readonly type: string;
  readonly n: number;
  /** Unix epoch seconds. */
  readonly ts: number;
}

const epochSeconds = (): number => (performance.timeOrigin + performance.now()) / 1000;

/** Events that carry their pattern as `type`; a `type` of 'boom' cannot be read. */
const byType: BareEventDeserializer = {
  patternOf(value) {
    const { type } = value as Row;
    if (type === 'boom') throw new Error('no such type');
    return type;
  },
  deserialize: (value: unknown) => ({ pattern: 'never asked for', data: value }),
};

let calls: { readonly rows: readonly Row[]; readonly receivedAtSeconds: number }[] = [];
let singles: Row[] = [];

@Controller()
class RowsController {
  @BatchEventPattern('row')
  rows(@Payload() rows: readonly Row[], @Ctx() { receivedAtSeconds }: ZmqBatchContext): void {
    calls.push({ rows, receivedAtSeconds });
  }

  @EventPattern<string>('single')
  single(@Payload() row: Row): void {
    singles.push(row);
  }
}

const numbers = (): number[] => calls.flatMap(({ rows }) => rows.map(({ n }) => n));

describe('messages that wait in the socket', () => {
  const scope = new ServiceScope();
  let service: Service;
  let socket: Push;
  let sent = 0;

  beforeEach(async () => {
    [calls, singles, sent] = [[], [], 0];
    service = await scope.start({ controllers: [RowsController], server: { deserializer: byType } });
    socket = new Push({ linger: 0 });
    socket.connect(service.address);
  });

  afterEach(async () => {
    socket.close();
    await scope.dispose();
  });

  const row = (type = 'row'): Row => ({ type, n: (sent += 1), ts: epochSeconds() });
  const send = (message: unknown): Promise<void> => socket.send(JSON.stringify(message));

  it('come as one batch of at most 256 events, each once and in order', async () => {
    // A single one leaves as soon as it comes: it takes a crowd to see some wait.
    while (!calls.some(({ rows }) => rows.length > 16)) {
      const crowd = Array.from({ length: 500 }, () => row());
      for (const one of crowd) await send(one);
      await until(() => numbers().length === sent);
    }
    expect(numbers()).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
    expect(Math.max(...calls.map(({ rows }) => rows.length))).toBeLessThanOrEqual(256);
    expect(service.server.stats()).toMatchObject({ received: sent, batches: sent, inFlight: 0 });
  });

  it('have a time of receipt that is not before any of them was sent', async () => {
    for (let n = 0; n < 2000; n += 1) await send(row());
    await until(() => numbers().length === sent);
    for (const { rows, receivedAtSeconds } of calls) {
      expect(receivedAtSeconds).toBeGreaterThanOrEqual(Math.max(...rows.map(({ ts }) => ts)));
    }
  });

  it('lose only what is wrong among them, whatever stands beside it', async () => {
    await send([row(), row('boom'), row(), row('nobody'), row('single'), row()]);
    await socket.send('{');
    await send(row());
    await until(() => numbers().length === 4 && singles.length === 1 && service.rejected.length === 3);
    expect(numbers()).toEqual([1, 3, 6, 7]);
    expect(singles).toMatchObject([{ n: 5 }]);
    expect(service.rejected.map(({ reason, content }) => [reason, (content as Row).n])).toEqual(
      expect.arrayContaining([
        ['malformed', 2],
        ['no_handler', 4],
      ]),
    );
  });

  it('bring a message of one pattern as the array that it was', async () => {
    await send(Array.from({ length: 300 }, () => row()));
    await until(() => calls.length > 0);
    expect(calls.map(({ rows }) => rows.length)).toEqual([300]);
  });
});
