import type { CostSample } from './cost.js';
import type { Timing } from './one-way-figure.js';
import { freePort } from '../../../testing/ports.js';
import { startEnd } from './peer-ends.js';

/**
 * What a producer pays to have one event counted: the processor time of its process alone, all threads. The receiving end, if
 * there is one, is another process, which reads and counts.
 */
export async function measureEmit(peer: string, timing: Timing): Promise<CostSample> {
  const port = await freePort();
  const consumer = await startEnd('consumer', peer, port);
  try {
    const producer = await startEnd('producer', peer, port);
    try {
      const warmUpMs = performance.now();
      const { sent } = await producer.call<'sent'>({ do: 'warmUp', seconds: timing.warmUpSeconds });
      const rate = sent / ((performance.now() - warmUpMs) / 1000);
      const count = Math.round(rate * timing.measureSeconds);
      const before = await producer.call<'cpuSeconds'>({ do: 'usage' });
      const startMs = performance.now();
      await producer.call({ do: 'send', count });
      const seconds = (performance.now() - startMs) / 1000;
      const after = await producer.call<'cpuSeconds'>({ do: 'usage' });
      return {
        perSecond: count / seconds,
        cpuMicros: ((after.cpuSeconds - before.cpuSeconds) / count) * 1e6,
      };
    } finally {
      await producer.stop();
    }
  } finally {
    await consumer.stop();
  }
}
