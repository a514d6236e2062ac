import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pull } from 'zeromq';
import { LinkService } from '../src/publishing/link.service.js';
import { startLinked, until } from './publisher.fixture.js';

const lines: string[] = [];
let app: NestFastifyApplication;
let pull: Pull;
let address: string;

beforeEach(async () => {
  lines.length = 0;
  for (const level of ['log', 'warn'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...said: unknown[]) => void lines.push(String(said[0])));
  }
  ({ app, pull } = await startLinked());
  address = String(pull.lastEndpoint);
});
afterEach(async () => {
  await app.close();
  pull.close();
  jest.restoreAllMocks();
});

const about = (what: string): string[] => lines.filter((line) => line.startsWith(`the sidecar is ${what}`));

/** A sidecar that went was once seen in metrics and health only. */
describe('the log of the publisher', () => {
  it('says once that the sidecar is gone, and once that it is back', async () => {
    pull.close();
    await until(() => about('gone').length > 0);
    await app.inject({ method: 'POST', url: '/trade/buy' });
    pull = new Pull({ linger: 0 });
    await pull.bind(address);
    await until(() => about('back').length > 0);

    expect(about('gone')).toEqual([expect.stringMatching(/^the sidecar is gone: .* Events wait /)]);
    expect(about('back')).toEqual(['the sidecar is back; 1 events waited for it']);
  });

  it('says nothing of a connection that is made anew at once', async () => {
    const link = app.get(LinkService);
    pull.close();
    await until(() => !link.isUp);
    pull = new Pull({ linger: 0 });
    await pull.bind(address);
    await until(() => link.isUp);

    expect(lines.filter((line) => line.startsWith('the sidecar'))).toEqual([]);
  });
});
