import {
  type CurveServerOptions,
  isServerKeyChanging,
  KeyFilesWatch,
  readServerKeys,
  type ServerKeys,
} from '@app/zmq-transport';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { SidecarConfig } from './sidecar.config.js';

/** The CURVE keys of this sidecar and who may come in, as the files have it now; nothing when CURVE_KEYS is not set. */
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
        this.logger.warn(`the key files cannot be used, the keys of before stay: ${String(error)}`),
    });
  }

  /** What the server is made with. */
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

  /** From now on calls `rotate` whenever the files have changed. */
  follow(rotate: () => Promise<boolean>): void {
    this.rotate = rotate;
    this.watch?.start();
  }

  onModuleDestroy(): void {
    this.watch?.stop();
  }

  private async onChange({ allowedClients }: ServerKeys): Promise<void> {
    const haveEnded = await this.rotate();
    const cut = haveEnded ? '; all connections were ended, those who are allowed come back' : '';
    this.logger.log(`the key files have changed: ${allowedClients.length} clients may come in${cut}`);
  }
}
