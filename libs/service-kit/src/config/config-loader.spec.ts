import { Type } from 'class-transformer';
import { IsInt, IsString, Max, Min } from 'class-validator';
import { loadConfig, ConfigurationError } from './config-loader.js';

class SampleConfig {
  @IsString()
  HOST = '127.0.0.1';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 8000;

  @Type(() => Number)
  @IsInt()
  API_KEY = 1;
}

const NO_FILE = 'no/such/.env';

function faultsOf(env: NodeJS.ProcessEnv): ConfigurationError['faults'] {
  try {
    loadConfig(SampleConfig, { envFile: NO_FILE, env });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('uses the defaults of the class when nothing is set', () => {
    const config = loadConfig(SampleConfig, { envFile: NO_FILE, env: {} });
    expect({ ...config }).toEqual({ HOST: '127.0.0.1', PORT: 8000, API_KEY: 1 });
  });

  it('converts by the declared type and takes an empty value for unset', () => {
    const config = loadConfig(SampleConfig, { envFile: NO_FILE, env: { HOST: ' ', PORT: '9000' } });
    expect({ ...config }).toEqual({ HOST: '127.0.0.1', PORT: 9000, API_KEY: 1 });
  });

  it('takes nothing that the class does not declare', () => {
    const config = loadConfig(SampleConfig, { envFile: NO_FILE, env: { PATH: '/bin' } });
    expect(config).not.toHaveProperty('PATH');
  });

  it('lists every fault with its key and the value that was given', () => {
    const faults = faultsOf({ PORT: 'eighty', API_KEY: 'x' });
    expect(faults.map((fault) => fault.key)).toEqual(['PORT', 'API_KEY']);
    expect(faults[0]?.message).toContain('"eighty" cannot be used');
  });

  it.each(['0x1F90', '1e3', '8080,5', '8 080', '٨٠٨٠', 'Infinity', '9007199254740993', '80px', '--1'])(
    'refuses %s for a number, however it could be read',
    (PORT) => {
      expect(faultsOf({ PORT, API_KEY: PORT }).map(({ key }) => key)).toEqual(['PORT', 'API_KEY']);
    },
  );

  it.each([
    ['8080', 8080],
    ['+8080', 8080],
    ['08080', 8080],
    [' 8080\t', 8080],
  ])('reads %j as the number it is', (PORT, number) => {
    expect(loadConfig(SampleConfig, { envFile: NO_FILE, env: { PORT } }).PORT).toBe(number);
  });

  it('never shows the user and password of an address', () => {
    const faults = faultsOf({ PORT: 'http://desk:hun/ter2@host:8001' });
    expect(faults[0]?.message).toContain('"http://(hidden)@host:8001" cannot be used');
  });

  it('never shows the value of a key that looks secret', () => {
    const faults = faultsOf({ API_KEY: 'hunter2' });
    expect(faults[0]?.message).toContain('(hidden)');
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it('gives a result that nobody can change', () => {
    const config = loadConfig(SampleConfig, { envFile: NO_FILE, env: {} });
    expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
  });
});
