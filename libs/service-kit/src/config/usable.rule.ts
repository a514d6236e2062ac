import { ValidateBy, type ValidationArguments } from 'class-validator';

/** The sentence of what `use` throws, or undefined when it does not. */
function faultOf<T>(use: (settings: T) => unknown, settings: object): string | undefined {
  try {
    use(settings as T);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * A rule of a setting that names something, such as a file: `use` tries to use it, with all settings at hand. What it
 * throws is the fault that is told to the operator; it must hold no secret.
 */
export function UsableBy<T extends object>(use: (settings: T) => unknown): PropertyDecorator {
  return ValidateBy({
    name: 'usable',
    validator: {
      validate: (_value, args?: ValidationArguments) => faultOf(use, args?.object ?? {}) === undefined,
      defaultMessage: (args?: ValidationArguments) => faultOf(use, args?.object ?? {}) ?? '',
    },
  });
}
