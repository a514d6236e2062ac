import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Logger } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { SECRET_NAME, withoutCredentials } from '../secrets/address.js';
import { nearestName, withoutByteOrderMark } from './editor-text.js';

/** One setting that cannot be used: the environment key and a sentence with the value seen and the rule it breaks. */
export interface ConfigurationFault {
  key: string;
  message: string;
}

/**
 * The configuration cannot be used. The error carries every fault at once: an operator would otherwise learn of one fault at
 * each start. `message` has one line a fault.
 */
export class ConfigurationError extends Error {
  readonly code = 'ERR_CONFIGURATION';

  constructor(readonly faults: ConfigurationFault[]) {
    super(faults.map(({ key, message }) => `${key}: ${message}`).join('\n'));
    this.name = 'ConfigurationError';
  }
}

/** Where settings come from. */
export interface LoadConfigOptions {
  /** Path of the `.env` file, relative to the working directory. A missing file sets nothing. */
  envFile: string;
  /** The process environment, which wins over the file. @default process.env */
  env?: NodeJS.ProcessEnv;
}

/** The names of all settings that a class declares, also of those without a default. */
export function settingNames(cls: new () => object): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(cls, '', false, false);
  return [...new Set([...Object.keys(new cls()), ...rules.map((rule) => rule.propertyName)])];
}

function collect(keys: string[], file: NodeJS.Dict<string>, env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const key of keys) {
    // Compose files and shells pass an unset variable as an empty string, which must not overrule the file or the default.
    const value = env[key]?.trim() || file[key]?.trim();
    if (value) found[key] = value;
  }
  return found;
}

function toFault(error: ValidationError, raw: Record<string, string>): ConfigurationFault {
  const rules = Object.values(error.constraints ?? { invalid: 'is invalid' }).join('; ');
  const given = raw[error.property];
  if (given === undefined) return { key: error.property, message: `is not set; ${rules}` };
  const shown = SECRET_NAME.test(error.property) ? '(hidden)' : JSON.stringify(withoutCredentials(given));
  return { key: error.property, message: `${shown} cannot be used; ${rules}` };
}

/** @throws ConfigurationError for a file that exists but cannot be read as text */
function readEnvFile(envFile: string): NodeJS.Dict<string> {
  if (!existsSync(envFile)) return {};
  try {
    const bytes = readFileSync(envFile);
    if (isUtf8(bytes)) return parseEnv(withoutByteOrderMark(bytes.toString()));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([{ key: envFile, message: `cannot be read (${String(code)})` }]);
  }
  throw new ConfigurationError([{ key: envFile, message: 'is not UTF-8: save it as UTF-8' }]);
}

const logged = new Set<string>();

/** Logs once which keys of a file are no settings; otherwise nobody would notice a misspelt one. */
function nameUnknown(envFile: string, given: readonly string[], keys: readonly string[]): void {
  const unknown = given.filter((key) => !keys.includes(key));
  if (unknown.length === 0) return;
  const named = unknown.map((key) => {
    const nearest = nearestName(key, keys);
    return nearest === undefined ? key : `${key} (${nearest}?)`;
  });
  const text = `${envFile} has keys that are not settings and have no effect: ${named.join(', ')}`;
  if (!logged.has(text)) new Logger('Configuration').warn(text);
  logged.add(text);
}

/** A decimal number as people write it; `Number()` alone would also accept 0x1F90, 1e4 and Infinity. */
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** Replaces a number that is not written as a decimal, or that a float cannot hold exactly, by NaN, which no rule accepts. */
function refuseOddNumbers(config: object, raw: Record<string, string>): void {
  const values = config as Record<string, unknown>;
  for (const [key, text] of Object.entries(raw)) {
    const value = values[key];
    if (typeof value !== 'number') continue;
    if (!PLAIN_NUMBER.test(text) || Math.abs(value) > Number.MAX_SAFE_INTEGER) values[key] = Number.NaN;
  }
}

/**
 * Reads the settings that `cls` declares (its properties are the environment keys, its initializers the
 * defaults, its class-validator rules the limits), once, from the environment and then the file.
 * The result is frozen.
 *
 * @throws ConfigurationError with every fault; it never holds the value of a key that looks secret, or credentials of an address.
 */
export function loadConfig<T extends object>(cls: new () => T, options: LoadConfigOptions): T {
  const file = readEnvFile(options.envFile);
  const keys = settingNames(cls);
  nameUnknown(options.envFile, Object.keys(file), keys);
  const raw = collect(keys, file, options.env ?? process.env);
  const config = plainToInstance(cls, raw, { exposeDefaultValues: true });
  refuseOddNumbers(config, raw);
  const errors = validateSync(config, { forbidUnknownValues: false });
  if (errors.length > 0) throw new ConfigurationError(errors.map((error) => toFault(error, raw)));
  return Object.freeze(config);
}
