import { Module } from '@nestjs/common';
import { PublisherKeys } from './publisher-keys.js';

/** The keys that the way out is secured with. */
@Module({ providers: [PublisherKeys], exports: [PublisherKeys] })
export class KeysModule {}
