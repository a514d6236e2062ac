import { Controller } from '@nestjs/common';
import { ClientProxy, Ctx, Payload } from '@nestjs/microservices';
import { BatchEventPattern, type ZmqBatchContext, type ZmqClient } from '../../src/index.js';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER, TCP_PUSH_PULL } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Row {
  readonly n: number;
  /** How often the handler fails at it before it takes it. */
  readonly failures?: number;
}

/** Nest 11 has no metadata in its packets, and no hook for it. */
const hasMetadata = 'setOnDispatchHook' in ClientProxy.prototype;

/** What a handler throws for the rows of an application of ours. */
class NegativeRow extends Error {}

let applied: Row[] = [];
let metadata: unknown[] = [];
/** The rows of each call. */
let calls: number[][] = [];
let contexts: ZmqBatchContext[] = [];
let faults: unknown[] = [];

const attempts = new Map<number, number>();

@Controller()
class RowsController {
  /** Takes what is not negative. */
  @BatchEventPattern('rows')
  rows(@Payload() rows: readonly Row[], @Ctx() context: ZmqBatchContext): void {
    calls.push(rows.map(({ n }) => n));
    contexts.push(context);
    for (const [index, row] of rows.entries()) {
      const attempt = (attempts.get(row.n) ?? 0) + 1;
      attempts.set(row.n, attempt);
      if (row.n < 0) {
        context.reject(index, `${row.n} is negative`, new NegativeRow());
      } else if (attempt <= (row.failures ?? 0)) {
        context.fail(index, new Error(`not yet ${row.n}`));
      } else {
        applied.push(row);
        metadata.push(context.getBatchMetadata()[index]);
      }
    }
  }

  /** Names the first event in ways that it must not, and then throws where it is told to. */
  @BatchEventPattern('wrong')
  async wrong(@Payload() rows: readonly Row[], @Ctx() context: ZmqBatchContext): Promise<void> {
    contexts.push(context);
    for (const index of [-1, rows.length, 0.5, Number.NaN]) {
      try {
        context.reject(index, 'there is none');
      } catch (error) {
        faults.push(error);
      }
    }
    context.reject(0, 'the first word');
    context.reject(0, 'the second word');
    context.fail(0, new Error('the third word'));
    await Promise.resolve();
    if (rows.length > 1) {
      throw new Error('the rest');
    }
  }
}

beforeEach(() => {
  [applied, metadata, calls, contexts, faults] = [[], [], [], [], []];
  attempts.clear();
});

describe.each(EVERY_WIRING)('a batch handler that names events over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  let service: Service;
  let client: ZmqClient;

  beforeEach(async () => {
    service = await scope.start({ wiring, controllers: [RowsController] });
    client = await service.connect();
  });
  afterEach(() => scope.dispose());

  it('loses those, each counted and told with its content and cause, and keeps the rest', async () => {
    for (const n of [1, -1, 2, -2, 3]) {
      client.emit('rows', { n });
    }
    await until(() => applied.length === 3 && service.rejected.length === 2);
    expect(applied.map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(service.rejected).toMatchObject([
      { reason: 'handler_failed', detail: '-1 is negative', content: { pattern: 'rows', data: { n: -1 } } },
      { reason: 'handler_failed', detail: '-2 is negative', content: { pattern: 'rows', data: { n: -2 } } },
    ]);
    expect(service.rejected.every(({ cause }) => cause instanceof NegativeRow)).toBe(true);
    expect(service.server.stats()).toMatchObject({ rejected: { handler_failed: 2 }, inFlight: 0 });
  });

  it('does not try again what nobody acknowledges', async () => {
    client.emit('rows', { n: 1, failures: 1 });
    client.emit('rows', { n: 2 });
    await until(() => service.rejected.length === 1 && applied.length === 1);
    expect(service.rejected).toMatchObject([{ detail: 'not yet 1', content: { data: { n: 1 } } }]);
    expect(applied).toEqual([{ n: 2 }]);
  });
});

describe.each(REQUEST_WIRINGS)('the same with acknowledged delivery over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  async function deliver(rows: readonly Row[]): Promise<{ service: Service; ends: string[] }> {
    const server = { delivery: { retry: { backoffMs: 5, maxRetries: 2 } } };
    const service = await scope.start({ wiring, controllers: [RowsController], server });
    const client = await service.connect({ delivery: { mode: 'acknowledged' } });
    let packets = 0;
    if (hasMetadata) {
      client.setOnDispatchHook((packet) => {
        packets += 1;
        packet.metadata = { traceparent: `trace-${packets}` };
      });
    }
    const deliveries = await Promise.all(rows.map((row) => client.deliver('rows', row)));
    const ends = await Promise.allSettled(deliveries.map(({ applied: end }) => end));
    return {
      service,
      ends: ends.map((end) => (end.status === 'fulfilled' ? 'applied' : (end.reason as Error).message)),
    };
  }

  it('tells the producer which events failed, and leaves the metadata of the others with them', async () => {
    const { service, ends } = await deliver([1, -2, 3, -4, 5].map((n) => ({ n })));
    expect(ends).toEqual([
      'applied',
      expect.stringContaining('-2 is negative'),
      'applied',
      expect.stringContaining('-4 is negative'),
      'applied',
    ]);
    expect(metadata).toEqual([1, 3, 5].map((n) => (hasMetadata ? { traceparent: `trace-${n}` } : undefined)));
    expect(service.rejected).toHaveLength(2);
    expect(service.server.stats().delivery.retries).toBe(0);
  });

  it('calls the handler again with what failed alone, with its own metadata, until it is taken', async () => {
    const { service, ends } = await deliver([
      { n: 1 },
      { n: -2 },
      { n: 3, failures: 2 },
      { n: 4, failures: 1 },
    ]);
    expect(ends).toEqual(['applied', expect.stringContaining('-2'), 'applied', 'applied']);
    expect(applied.map(({ n }) => n)).toEqual([1, 4, 3]);
    expect(metadata).toEqual([1, 4, 3].map((n) => (hasMetadata ? { traceparent: `trace-${n}` } : undefined)));
    expect(attempts).toEqual(
      new Map([
        [1, 1],
        [-2, 1],
        [3, 3],
        [4, 2],
      ]),
    );
    expect(service.rejected).toHaveLength(1);
  });

  it('rejects in the end what failed at every try, once, and tells the waiting caller', async () => {
    const { service, ends } = await deliver([{ n: 1 }, { n: 2, failures: 99 }, { n: 3 }]);
    expect(ends).toEqual(['applied', expect.stringContaining('not yet 2'), 'applied']);
    expect(service.rejected).toMatchObject([{ detail: 'not yet 2', content: { data: { n: 2 } } }]);
    expect(attempts.get(2)).toBe(3);
    expect(applied.map(({ n }) => n)).toEqual([1, 3]);
  });
});

describe('what a batch handler may say', () => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('is of events that are there, by the first word on each, and before it has ended', async () => {
    const service = await scope.start({ wiring: TCP_PUSH_PULL, controllers: [RowsController] });
    const client = await service.connect();
    client.emit('wrong', { n: 1 });
    await until(() => service.rejected.length === 1);
    expect(service.rejected).toMatchObject([{ detail: 'the first word' }]);
    expect(faults).toHaveLength(4);
    expect(faults.every((fault) => fault instanceof RangeError)).toBe(true);
    expect(() => contexts[0]?.reject(0, 'too late')).toThrow(
      expect.objectContaining({ code: 'ERR_ZMQ_UNSUPPORTED_OPERATION' }),
    );
    expect(service.server.stats().rejected.handler_failed).toBe(1);
  });

  it('holds when the handler throws after it: the rest alone is tried again', async () => {
    const server = { delivery: { retry: { backoffMs: 5, maxRetries: 1 } } };
    const service = await scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [RowsController], server });
    const client = await service.connect({ delivery: { mode: 'acknowledged' } });
    const deliveries = await Promise.all([1, 2, 3].map((n) => client.deliver('wrong', { n })));
    const ends = await Promise.allSettled(deliveries.map(({ applied: end }) => end));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    // The second call had the two others; it rejected its own first, and failed at its second.
    expect(
      service.rejected.map(({ detail, content }) => [detail, (content as { data: Row }).data.n]),
    ).toEqual([
      ['the first word', 1],
      ['the first word', 2],
      ['Internal server error', 3],
    ]);
  });
});
