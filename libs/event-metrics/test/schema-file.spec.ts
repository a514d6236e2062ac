import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsFileSchema } from '../src/index.js';

describe('docs/reference/metrics.schema.json', () => {
  it('is the schema by which the file is checked; `npm run contract:write` writes it', () => {
    const file = readFileSync(join(process.cwd(), 'docs/reference/metrics.schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(metricsFileSchema)));
  });
});
