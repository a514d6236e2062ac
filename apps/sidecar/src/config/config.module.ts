import { HttpGate, httpGateOf } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { SidecarConfig, sidecarConfig } from './sidecar.config.js';
import { SidecarKeys } from './sidecar-keys.js';

/** Lets every module inject the settings, and what is made from them alone: the HTTP gate and the CURVE keys. */
@Global()
@Module({
  providers: [
    { provide: SidecarConfig, useFactory: sidecarConfig },
    { provide: HttpGate, inject: [SidecarConfig], useFactory: httpGateOf },
    SidecarKeys,
  ],
  exports: [HttpGate, SidecarConfig, SidecarKeys],
})
export class ConfigModule {}
