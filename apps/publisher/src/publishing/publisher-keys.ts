import { type ClientKeys, type CurveClientOptions, KeyFilesWatch, readClientKeys } from '@app/zmq-transport';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';

/** The CURVE keys of this publisher, as their files hold them now; none when CURVE_KEYS is not set. */
@Injectable()
export class PublisherKeys implements OnModuleDestroy {
  private readonly logger = new Logger('keys');
  private readonly watch: KeyFilesWatch<ClientKeys> | undefined;
  private rotate: () => Promise<unknown> = () => Promise.resolve();

  constructor({ CURVE_KEYS, CURVE_CLIENT }: PublisherConfig) {
    if (CURVE_KEYS === undefined) return;
    this.watch = new KeyFilesWatch({
      read: () => readClientKeys(CURVE_KEYS, CURVE_CLIENT),
      onChange: async () => {
        await this.rotate();
        this.logger.log(`the key files in ${CURVE_KEYS} have changed; the link now uses the new keys`);
      },
      onFault: (error) =>
        this.logger.warn(
          `the key files in ${CURVE_KEYS} cannot be used; the link keeps its current keys: ${String(error)}`,
        ),
    });
  }

  /** What the client is made with. */
  get curve(): CurveClientOptions | undefined {
    const { watch } = this;
    return watch && { keyPair: () => watch.keys.keyPair, serverKey: () => watch.keys.serverKey };
  }

  /** From now on calls `rotate` whenever the files have changed. */
  follow(rotate: () => Promise<unknown>): void {
    this.rotate = rotate;
    this.watch?.start();
  }

  onModuleDestroy(): void {
    this.watch?.stop();
  }
}
