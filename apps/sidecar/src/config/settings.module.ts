import { apiToken, HttpGate } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { SidecarConfig, sidecarConfig } from './sidecar.config.js';

const settings = registerAs('sidecar', sidecarConfig);

function gateOf(config: SidecarConfig): HttpGate {
  return new HttpGate({
    allowedHosts: [config.HOST, ...config.ALLOWED_HOSTS],
    ownHosts: config.ALLOWED_HOSTS,
    trustedProxies: config.TRUSTED_PROXIES,
    token: apiToken(config),
    requestsPerSecond: config.HTTP_RATE_LIMIT,
    scrapesPerSecond: config.HTTP_SCRAPE_LIMIT,
    streamsPerAddress: config.HTTP_STREAMS_PER_ADDRESS,
  });
}

/** Lets every feature inject `SidecarConfig`, and the gate that follows from it. The environment is read by `sidecarConfig`, once. */
@Global()
@Module({
  imports: [ConfigModule.forFeature(settings)],
  providers: [
    { provide: SidecarConfig, inject: [settings.KEY], useFactory: (config: SidecarConfig) => config },
    { provide: HttpGate, inject: [SidecarConfig], useFactory: gateOf },
  ],
  exports: [HttpGate, SidecarConfig],
})
export class SettingsModule {}
