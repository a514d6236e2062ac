import { Controller } from '@nestjs/common';
import {
  ClientProxy,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  type ReadPacket,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { BatchEventPattern, type ZmqBatchContext, type ZmqClient, ZmqContext } from '../../src/index.js';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

/** Nest 11 has no metadata in its packets, and no hook for it. */
const describeMetadata = 'setOnDispatchHook' in ClientProxy.prototype ? describe : describe.skip;

let seen: unknown[] = [];

@Controller()
class MetadataController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    seen.push({ data, metadata: context.getMetadata() });
  }

  @BatchEventPattern('batch')
  batch(@Payload() events: unknown[], @Ctx() context: ZmqBatchContext): void {
    seen.push(...events.map((data, n) => ({ data, metadata: context.getBatchMetadata()[n] })));
  }

  @MessagePattern<unknown>('request')
  request(@Payload() data: unknown, @Ctx() context: ZmqContext): unknown {
    return { data, metadata: context.getMetadata() ?? null };
  }
}

/** A hook that numbers packets, and what it was called with. */
function numbering(client: ZmqClient): ReadPacket[] {
  const calls: ReadPacket[] = [];
  client.setOnDispatchHook((packet) => {
    calls.push({ ...packet });
    packet.metadata = { traceparent: `trace-${calls.length}` };
  });
  return calls;
}

describeMetadata.each(EVERY_WIRING)('packet metadata of events over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  beforeEach(() => {
    seen = [];
  });
  afterEach(() => scope.dispose());

  it.each(['event', 'batch'])(
    'reaches the context of each %s, from one call of the hook',
    async (pattern) => {
      const service = await scope.start({ wiring, controllers: [MetadataController] });
      const client = await service.connect();
      client.emit(pattern, 0);
      const calls = numbering(client);
      for (const data of [1, 2, 3]) {
        client.emit(pattern, data);
      }
      await until(() => seen.length === 4);
      expect(seen).toEqual([
        { data: 0, metadata: undefined },
        { data: 1, metadata: { traceparent: 'trace-1' } },
        { data: 2, metadata: { traceparent: 'trace-2' } },
        { data: 3, metadata: { traceparent: 'trace-3' } },
      ]);
      expect(calls).toEqual([1, 2, 3].map((data) => ({ pattern, data })));
    },
  );
});

describeMetadata.each(REQUEST_WIRINGS)('packet metadata of requests over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('reaches the context, from one call of the hook for each request', async () => {
    const service = await scope.start({ wiring, controllers: [MetadataController] });
    const client = await service.connect();
    expect(await lastValueFrom(client.send('request', 'plain'))).toEqual({ data: 'plain', metadata: null });
    const calls = numbering(client);
    for (const n of [1, 2]) {
      expect(await lastValueFrom(client.send('request', { n }))).toEqual({
        data: { n },
        metadata: { traceparent: `trace-${n}` },
      });
    }
    expect(calls).toEqual([1, 2].map((n) => ({ pattern: 'request', data: { n } })));
  });
});
