import type { Socket } from 'zeromq';
import { bindAgain, bindFirst } from '../../sockets/patient-bind.js';

/** Binds a client's sockets; those that come in the place of others get the same addresses, also ports the system chose. */
export class LaneBinder {
  /** By the address that was asked for. */
  private readonly bound = new Map<string, string>();

  /** @throws BindFailedError */
  async bind(socket: Socket, address: string): Promise<void> {
    const again = this.bound.get(address);
    if (again !== undefined) {
      return bindAgain(socket, again);
    }
    await bindFirst(socket, address);
    this.bound.set(address, socket.lastEndpoint ?? address);
  }

  /** The addresses are given up. */
  forget(): void {
    this.bound.clear();
  }
}
