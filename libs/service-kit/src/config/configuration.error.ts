/** One setting that cannot be used: the environment key and a sentence with the value seen and the rule it breaks. */
export interface ConfigurationFault {
  key: string;
  message: string;
}

/**
 * The configuration as a whole cannot be used. It carries every fault at once, because whoever starts
 * the service would otherwise learn of them one start at a time. `message` has one line a fault.
 */
export class ConfigurationError extends Error {
  readonly code = 'ERR_CONFIGURATION';

  constructor(readonly faults: ConfigurationFault[]) {
    super(faults.map(({ key, message }) => `${key}: ${message}`).join('\n'));
    this.name = 'ConfigurationError';
  }
}
