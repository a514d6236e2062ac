import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { loadConfig } from '@app/service-kit';
import { PublisherConfig } from '../src/config/publisher.config.js';

const EXAMPLE = join(__dirname, '..', '.env.example');

describe('.env.example', () => {
  it('has every key of the configuration, with its default', () => {
    const keys = Object.keys(parseEnv(readFileSync(EXAMPLE, 'utf8')));
    expect(keys.sort()).toEqual(Object.keys(new PublisherConfig()).sort());
    expect(loadConfig(PublisherConfig, { envFile: EXAMPLE, env: {} })).toEqual(new PublisherConfig());
  });

  it('is overruled by the process environment', () => {
    expect(loadConfig(PublisherConfig, { envFile: EXAMPLE, env: { PORT: '9001' } }).PORT).toBe(9001);
  });
});
