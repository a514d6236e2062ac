import { Link } from '../../testing/link.js';
import { type AppliedRow, readApplied } from '../oracle/applied-rows.js';
import { AppStack } from '../../testing/stack.js';
import { ScratchFolder } from '../../testing/folder.js';
import type { DeliveryMode } from './mode-catalogue.js';

/** How far back the second reading before a kill goes. */
const SECOND_LOOK = '2s';

/** One pair of apps with a wire between them, set up for one run. */
export class LabBench {
  /** Events that killed sidecars had applied, as far as they were read before the kill. */
  readonly earlierRows: AppliedRow[] = [];

  private constructor(
    readonly stack: AppStack,
    readonly link: Link,
    private readonly folder: ScratchFolder,
  ) {}

  /** Starts both apps; the publisher finds the sidecar through the wire. */
  static async start(mode: DeliveryMode): Promise<LabBench> {
    const folder = new ScratchFolder('trading-lab-');
    const stack = await AppStack.prepare(mode.settings(folder.path));
    const bench = new LabBench(stack, await Link.open(stack.zmqAddress), folder);
    try {
      await stack.startSidecar();
      await bench.startPublisher();
    } catch (error) {
      await bench.close();
      throw error;
    }
    return bench;
  }

  startPublisher(): Promise<void> {
    return this.stack.startPublisher(this.link.address);
  }

  /**
   * Reads what the sidecar has applied, then kills it. A second, short reading gets what came during the first, so that only
   * events of the last few milliseconds before the kill are missing.
   */
  async killSidecar(): Promise<void> {
    const rows = await readApplied(this.stack.sidecarUrl);
    const latest = await readApplied(this.stack.sidecarUrl, SECOND_LOOK);
    await this.stack.app('sidecar').kill();
    const known = new Set(rows.map(({ number, receivedAtSeconds }) => `${number} ${receivedAtSeconds}`));
    const isNew = ({ number, receivedAtSeconds }: AppliedRow): boolean =>
      !known.has(`${number} ${receivedAtSeconds}`);
    this.earlierRows.push(...rows, ...latest.filter(isNew));
  }

  /** Ends both apps and removes what they kept. */
  async close(): Promise<void> {
    await this.stack.stop();
    await this.link.close();
    this.folder.remove();
  }
}
