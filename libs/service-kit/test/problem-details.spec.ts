import { Body, Controller, Get, Post, ServiceUnavailableException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, Min } from 'class-validator';
import { ProblemException } from '../src/index.js';
import { startHttpApp } from './http-app.fixture.js';

class Parcel {
  @IsInt()
  @Min(1)
  weight: number;
}

@Controller()
class SampleController {
  @Post('parcels')
  post(@Body() parcel: Parcel): Parcel {
    return parcel;
  }

  @Post('echo')
  echo(@Body() body: unknown): { body: unknown } {
    return { body: body ?? 'nothing' };
  }

  @Get('busy')
  busy(): never {
    throw new ProblemException({
      status: 503,
      detail: 'full',
      headers: { 'retry-after': '1' },
      extensions: { queued: 7, status: 200 },
    });
  }

  @Get('ill')
  ill(): never {
    throw new ServiceUnavailableException({ status: 'error', details: { disk: 'full' } });
  }

  @Get('broken')
  broken(): never {
    throw new Error('the password is hunter2');
  }
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startHttpApp(SampleController);
});
afterAll(() => app.close());

const json = { 'content-type': 'application/json' };

describe('problem documents', () => {
  it('name field and rule of every fault that a DTO has', async () => {
    const response = await app.inject({ method: 'POST', url: '/parcels', payload: { weight: 0.5 } });
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const { errors, ...problem } = response.json<Record<string, unknown>>();
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      instance: '/parcels',
    });
    expect(errors).toEqual([
      { field: 'weight', rule: 'min', message: 'weight must not be less than 1' },
      { field: 'weight', rule: 'isInt', message: 'weight must be an integer number' },
    ]);
  });

  it.each([
    ['broken JSON', json, '{"a":', 400, 'body', 'json'],
    ['a type nobody parses', { 'content-type': 'text/csv' }, 'a,b', 415, 'content-type', 'mediaType'],
    ['plain text', { 'content-type': 'text/plain' }, 'a', 415, 'content-type', 'mediaType'],
    ['a body over the limit', json, JSON.stringify('x'.repeat(1024 * 1024)), 413, 'body', 'maxBytes'],
  ])('name the part of the request for %s', async (_, headers, payload, status, field, rule) => {
    const response = await app.inject({ method: 'POST', url: '/echo', headers, payload });
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, errors: [{ field, rule }] });
  });

  it('are given for a route that does not exist, without its query', async () => {
    const response = await app.inject({ method: 'GET', url: '/nowhere?token=secret' });
    expect(response.json()).toMatchObject({ status: 404, title: 'Not Found', instance: '/nowhere' });
  });

  it('are given for a path that cannot be decoded', async () => {
    const response = await app.inject({ method: 'GET', url: '/%zz' });
    expect(response.json()).toMatchObject({ status: 400, errors: [{ field: 'url', rule: 'url' }] });
  });

  it('carry the headers and members of the exception, but keep the standard members', async () => {
    const response = await app.inject({ method: 'GET', url: '/busy' });
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toMatchObject({ status: 503, detail: 'full', queued: 7 });
  });

  it('keep the report that an exception carries, such as that of a health check', async () => {
    const response = await app.inject({ method: 'GET', url: '/ill' });
    expect(response.json()).toMatchObject({ status: 503, details: { disk: 'full' } });
  });

  it('keep the message of an unexpected error to the log', async () => {
    const response = await app.inject({ method: 'GET', url: '/broken' });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('hunter2');
  });
});

describe('bodies', () => {
  it('are absent when JSON was announced and nothing was sent', async () => {
    const response = await app.inject({ method: 'POST', url: '/echo', headers: json, payload: '' });
    expect(response.json()).toEqual({ body: 'nothing' });
  });

  it.each([
    ['__proto__', '[{"a":1,"__proto__":{"polluted":true}},{"b":2}]'],
    ['constructor.prototype', '[{"a":1,"constructor":{"prototype":{"polluted":true}}},{"b":2}]'],
  ])('lose a key %s, and nothing else', async (_, payload) => {
    const response = await app.inject({ method: 'POST', url: '/echo', headers: json, payload });
    expect(response.json()).toEqual({ body: [{ a: 1 }, { b: 2 }] });
    expect({}).not.toHaveProperty('polluted');
  });

  it('reach the handler as parsed', async () => {
    const response = await app.inject({ method: 'POST', url: '/echo/', payload: { a: [1] } });
    expect(response.json()).toEqual({ body: { a: [1] } });
  });
});
