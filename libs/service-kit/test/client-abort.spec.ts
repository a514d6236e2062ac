import { connect } from 'node:net';
import { Body, Controller, Logger, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemDetailsFilter } from '../src/index.js';
import { startHttpApp } from './http-app.fixture.js';

@Controller()
class EchoController {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Post('broken')
  broken(): never {
    throw new Error('ours');
  }
}

let app: NestFastifyApplication;
let logged: jest.SpyInstance;
let caught: jest.SpyInstance;

beforeAll(async () => {
  logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  // Before the app: Nest binds the method of its filters when they are set up.
  caught = jest.spyOn(ProblemDetailsFilter.prototype, 'catch');
  app = await startHttpApp(EchoController);
});
afterEach(() => jest.clearAllMocks());
afterAll(async () => {
  jest.restoreAllMocks();
  await app.close();
});

describe('the log of errors', () => {
  it('has nothing about a client that leaves in the middle of its body', async () => {
    const { port } = app.getHttpServer().address() as { port: number };
    const requested = new Promise((resolve) => app.getHttpServer().once('request', resolve));
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 100\r\n\r\n{');
    await requested;
    socket.destroy();
    while (caught.mock.calls.length === 0) await new Promise(setImmediate);
    expect(logged).not.toHaveBeenCalled();
  });

  it('has what failed on our side, once however often somebody makes it fail', async () => {
    for (let times = 0; times < 50; times += 1) await app.inject({ method: 'POST', url: '/broken' });
    expect(logged.mock.calls[0]).toEqual(['a request failed', expect.stringMatching(/^Error: ours\n +at /)]);
    expect(logged.mock.calls.filter(([message]) => message === 'a request failed').length).toBeLessThan(50);
  });
});
