import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tradeSchema } from '../src/index.js';

describe('docs/reference/trade.schema.json', () => {
  it('is what the class says (npm run build && npm run contract:write renews it)', () => {
    const file = join(process.cwd(), 'docs/reference/trade.schema.json');
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(tradeSchema, null, 2)}\n`);
  });
});
