import { Module } from '@nestjs/common';
import { PrometheusProxy } from './prometheus.proxy.js';
import { ProxyController } from './proxy.controller.js';
import { SidecarProxy } from './sidecar.proxy.js';

/** What the page reads of other servers. */
@Module({ controllers: [ProxyController], providers: [SidecarProxy, PrometheusProxy] })
export class ProxyModule {}
