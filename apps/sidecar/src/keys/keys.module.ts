import { Module } from '@nestjs/common';
import { SidecarKeys } from './sidecar.keys.js';

/** The keys that the intake is secured with. */
@Module({ providers: [SidecarKeys], exports: [SidecarKeys] })
export class KeysModule {}
