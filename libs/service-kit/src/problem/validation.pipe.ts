import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { type FieldFault, ProblemException } from './problem.js';

/** Flattens class-validator's tree: one fault for each broken rule, nested fields as `parent.child`. */
export function toFieldFaults(errors: ValidationError[], prefix = ''): FieldFault[] {
  return errors.flatMap((error) => {
    const field = prefix + error.property;
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({ field, rule, message }));
    return [...own, ...toFieldFaults(error.children ?? [], `${field}.`)];
  });
}

/**
 * The pipe for every DTO of a service: builds an instance of the class (no implicit conversion: "5" is not 5)
 * and answers 400 with every broken rule. Fields that the class does not declare are removed, not refused.
 */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    exceptionFactory: (errors) => {
      const faults = toFieldFaults(errors);
      const detail = faults.map((fault) => fault.message).join('; ');
      return new ProblemException({ status: 400, detail, errors: faults });
    },
  });
}
