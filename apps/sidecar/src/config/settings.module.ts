import { HttpGate, httpGateOf } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { SidecarConfig, sidecarConfig } from './sidecar.config.js';

const settings = registerAs('sidecar', sidecarConfig);

/** Lets every feature inject `SidecarConfig`, and the gate that follows from it. The environment is read by `sidecarConfig`, once. */
@Global()
@Module({
  imports: [ConfigModule.forFeature(settings)],
  providers: [
    { provide: SidecarConfig, inject: [settings.KEY], useFactory: (config: SidecarConfig) => config },
    { provide: HttpGate, inject: [SidecarConfig], useFactory: httpGateOf },
  ],
  exports: [HttpGate, SidecarConfig],
})
export class SettingsModule {}
