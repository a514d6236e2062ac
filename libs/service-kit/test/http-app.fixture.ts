import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createHttpAdapter, setUpHttpApp } from '../src/index.js';

/** An app around one controller, listening on a port that the operating system chose. */
export async function startHttpApp(controller: Type): Promise<NestFastifyApplication> {
  const testing = await Test.createTestingModule({ controllers: [controller] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createHttpAdapter(), { logger: false });
  setUpHttpApp(app, { name: 'sample' });
  await app.listen(0, '127.0.0.1');
  return app;
}
