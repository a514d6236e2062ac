import { Controller, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { BatchEventPattern, ZmqBatchContext } from '../../src/index.js';
import { EVERY_WIRING } from '../harness/pairs.js';
import { type Service, ServiceScope } from '../harness/service.js';
import { Spies } from '../harness/spies.js';
import { until } from '../harness/until.js';

interface Row {
  readonly n: number;
}

let batches: Row[][] = [];
let singles: Row[] = [];
let guards = 0;
const patterns = new Set<string>();

@Injectable()
class CountingGuard {
  canActivate(context: ExecutionContext): boolean {
    guards += 1;
    return context.getType() === 'rpc';
  }
}

@Controller()
class BatchController {
  @BatchEventPattern('rows')
  rows(@Payload() rows: Row[], @Ctx() context: ZmqBatchContext): void {
    patterns.add(context.getPattern());
    batches.push(rows);
  }

  @BatchEventPattern('checked')
  @UseGuards(CountingGuard)
  checked(@Payload() rows: Row[]): void {
    batches.push(rows);
  }

  @BatchEventPattern('both')
  both(@Payload() rows: Row[]): void {
    batches.push(rows);
  }

  @EventPattern<unknown>('both')
  each(@Payload() row: Row): void {
    singles.push(row);
  }

  @BatchEventPattern('fails')
  fails(@Payload() rows: Row[]): void {
    batches.push(rows);
    throw new Error('not this batch');
  }
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, n) => ({ n }));

describe.each(EVERY_WIRING)('batch handlers over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  let service: Service;
  let spies: Spies;

  beforeAll(async () => {
    spies = new Spies();
    service = await scope.start({
      wiring,
      controllers: [BatchController],
      configure: (app) => spies.install(app),
    });
  });

  beforeEach(() => {
    [batches, singles, guards] = [[], [], 0];
    spies.calls.length = 0;
  });

  afterAll(() => scope.dispose());

  it('get what comes together as arrays, in order, each event once', async () => {
    const client = await service.connect();
    for (const row of rows(5000)) {
      client.emit('rows', row);
    }
    await until(() => batches.flat().length === 5000);
    expect(batches.flat()).toEqual(rows(5000));
    expect(batches.length).toBeLessThan(500);
    expect([...patterns]).toEqual(['rows']);
  });

  it('pass guards, pipes and interceptors once a batch', async () => {
    const client = await service.connect();
    const sent = client.stats().batches;
    for (const row of rows(100)) {
      client.emit('checked', row);
    }
    await until(() => batches.flat().length === 100);
    expect(guards).toBe(batches.length);
    expect(guards).toBe(client.stats().batches - sent);
    expect(spies.calls.filter((call) => call === 'interceptor:in')).toHaveLength(guards);
    expect(spies.calls.filter((call) => call === 'pipe')).toHaveLength(guards);
  });

  it('stand beside single handlers of the same pattern: both get every event', async () => {
    const client = await service.connect();
    for (const row of rows(50)) {
      client.emit('both', row);
    }
    await until(() => batches.flat().length === 50 && singles.length === 50);
    expect(batches.flat()).toEqual(rows(50));
    expect(singles).toEqual(rows(50));
  });

  it('are cut where another pattern stands between, so that order holds for each handler', async () => {
    const client = await service.connect();
    for (const row of rows(10)) {
      client.emit(row.n % 2 === 0 ? 'rows' : 'both', row);
    }
    await until(() => batches.flat().length === 10 && singles.length === 5);
    expect(batches.flat().filter(({ n }) => n % 2 === 0)).toEqual(rows(10).filter(({ n }) => n % 2 === 0));
    expect(batches.flat().filter(({ n }) => n % 2 === 1)).toEqual(rows(10).filter(({ n }) => n % 2 === 1));
  });

  it('that fail pass the filter once, and every event of the batch is counted as failed', async () => {
    const client = await service.connect();
    const before = service.server.stats().rejected.handler_failed;
    for (const row of rows(20)) {
      client.emit('fails', row);
    }
    await until(() => service.server.stats().rejected.handler_failed === before + 20);
    expect(spies.calls.filter((call) => call === 'filter:rpc')).toHaveLength(batches.length);
    expect(service.rejected.at(-1)).toMatchObject({ detail: 'filtered: not this batch' });
  });
});
