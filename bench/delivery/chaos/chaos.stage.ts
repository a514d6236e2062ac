import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppStack } from '../processes/app.stack.js';
import { DirectProducer } from './direct.producer.js';

/** Longer than a killed sidecar takes to be back, so that most waiting posts see their event applied. */
const APPLIED_TIMEOUT_MS = 8_000;

/** Both apps with everything kept, and a direct producer beside the publisher. */
export class ChaosStage {
  private constructor(
    readonly folder: string,
    readonly stack: AppStack,
    readonly direct: DirectProducer,
  ) {}

  static async start(): Promise<ChaosStage> {
    const folder = await mkdtemp(join(tmpdir(), 'trading-chaos-'));
    const both = { DELIVERY: 'durable', ZMQ_PAIR: 'dealer-router' };
    const stack = await AppStack.prepare({
      publisher: {
        ...both,
        SPOOL_DIR: join(folder, 'spool'),
        APPLIED_TIMEOUT_MS: String(APPLIED_TIMEOUT_MS),
      },
      sidecar: { ...both, SIDECAR_STATE_DIR: join(folder, 'state') },
    });
    const stage = new ChaosStage(folder, stack, new DirectProducer(stack.zmqAddress, folder));
    try {
      await Promise.all([stack.startSidecar(), stack.startPublisher(), stage.direct.start()]);
    } catch (error) {
      await stage.close({ keepsFolder: false });
      throw error;
    }
    return stage;
  }

  /** Ends all processes. */
  async close({ keepsFolder }: { readonly keepsFolder: boolean }): Promise<void> {
    await this.direct.stop();
    await this.stack.stop();
    if (!keepsFolder) await rm(this.folder, { recursive: true, force: true });
  }
}
