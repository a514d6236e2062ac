import { join } from 'node:path';
import { AppStack } from '../../testing/stack.js';
import { ScratchFolder } from '../../testing/folder.js';
import { DirectProducer } from './direct-producer.js';

/** Longer than a killed sidecar needs to come back, so that most waiting posts see their event applied. */
const APPLIED_TIMEOUT_MS = 8_000;

/** Both apps with spool and kept state, and a direct producer beside the publisher. */
export class ChaosStage {
  private isKept = false;

  private constructor(
    readonly folder: ScratchFolder,
    readonly stack: AppStack,
    readonly direct: DirectProducer,
  ) {}

  static async start(): Promise<ChaosStage> {
    const folder = new ScratchFolder('trading-chaos-');
    const both = { DELIVERY: 'durable', ZMQ_PAIR: 'dealer-router' };
    const stack = await AppStack.prepare({
      publisher: {
        ...both,
        SPOOL_DIR: join(folder.path, 'spool'),
        APPLIED_TIMEOUT_MS: String(APPLIED_TIMEOUT_MS),
      },
      sidecar: { ...both, SIDECAR_STATE_DIR: join(folder.path, 'state') },
    });
    const stage = new ChaosStage(folder, stack, new DirectProducer(stack.zmqAddress, folder.path));
    try {
      await Promise.all([stack.startSidecar(), stack.startPublisher(), stage.direct.start()]);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** Ends all processes and removes oracle files, spools and state, unless the folder is to be kept. */
  async close(): Promise<void> {
    await this.direct.stop();
    await this.stack.stop();
    if (!this.isKept) this.folder.remove();
  }

  /** Keeps everything on disk for inspection. */
  keepFolder(): void {
    if (this.isKept) return;
    this.isKept = true;
    this.folder.keep();
    console.log(`oracle files, spools and state: ${this.folder.path}`);
  }
}
