import type { Lane } from './lane.js';

/** Lets lanes take turns, so that peers share the load evenly. */
export class LaneTurns {
  private next = 0;

  /** The next lane in turn that can take a message. */
  take(lanes: readonly Lane[]): Lane | undefined {
    for (let step = 0; step < lanes.length; step += 1) {
      const index = (this.next + step) % lanes.length;
      const lane = lanes[index];
      if (lane?.isWritable === true) {
        this.next = index + 1;
        return lane;
      }
    }
    return undefined;
  }
}
