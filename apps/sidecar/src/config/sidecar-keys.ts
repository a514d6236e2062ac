import {
  type CurveServerOptions,
  isServerKeyChanging,
  KeyFilesWatch,
  readServerKeys,
  type ServerKeys,
} from '@app/zmq-transport';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { SidecarConfig } from './sidecar.config.js';

/** The CURVE keys of this sidecar and its allowed clients, as the files have them now; nothing without CURVE_KEYS. */
@Injectable()
export class SidecarKeys implements OnModuleDestroy {
  private readonly logger = new Logger('keys');
  private readonly watch: KeyFilesWatch<ServerKeys> | undefined;
  private readonly folder: string;
  private rotate: () => Promise<boolean> = () => Promise.resolve(false);

  constructor({ CURVE_KEYS }: SidecarConfig) {
    this.folder = CURVE_KEYS ?? '';
    if (CURVE_KEYS === undefined) return;
    this.watch = new KeyFilesWatch({
      read: () => readServerKeys(CURVE_KEYS),
      onChange: (keys) => this.onChange(keys),
      onFault: (error) =>
        this.logger.warn(
          `cannot use the key files in ${CURVE_KEYS}; the previous keys stay in use until the files are repaired: ${String(error)}`,
        ),
    });
  }

  /** The server's option. Its functions read the present keys. */
  get curve(): CurveServerOptions | undefined {
    const { watch, folder } = this;
    return (
      watch && {
        keyPair: () => watch.keys.keyPair,
        allowedClients: () => watch.keys.allowedClients,
        isKeyChanging: () => isServerKeyChanging(folder, watch.keys.keyPair),
      }
    );
  }

  /** Calls `rotate` whenever the files have changed, from now on. */
  follow(rotate: () => Promise<boolean>): void {
    this.rotate = rotate;
    this.watch?.start();
  }

  onModuleDestroy(): void {
    this.watch?.stop();
  }

  private async onChange({ allowedClients }: ServerKeys): Promise<void> {
    const haveEnded = await this.rotate();
    const ended = haveEnded ? '; all connections were closed, and allowed clients connect again' : '';
    this.logger.log(`the key files have changed: ${allowedClients.length} clients are allowed${ended}`);
  }
}
