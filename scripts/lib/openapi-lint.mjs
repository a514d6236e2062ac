// Lints the OpenAPI document on its input, and prints a line for each fault. A process of its own, since Jest cannot load the linter.
import { text } from 'node:stream/consumers';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const config = await createConfig({
  extends: ['recommended'],
  rules: {
    'operation-4xx-problem-details-rfc7807': 'error',
    // Fields that a schema does not name are ignored.
    'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
    // The documents describe a program, not an offer: its licence is the repository's.
    'info-license': 'off',
    'info-license-strict': 'off',
  },
});
const problems = await lintFromString({ source: await text(process.stdin), config });
for (const { ruleId, message, location } of problems)
  console.log(`${ruleId}: ${message} (${location[0]?.pointer ?? ''})`);
