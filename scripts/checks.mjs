// `npm run lint`, `npm run format`, `npm run typecheck`: the tools as this project uses them.
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { packageFile } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram } from './lib/step.mjs';
import { CHECKS } from './lib/test-plan.mjs';

const COMMANDS = {
  lint: [CHECKS.lint],
  format: [[packageFile('prettier', 'bin', 'prettier.cjs'), '--write', '.']],
  typecheck: [CHECKS.types, CHECKS['web-types'], CHECKS['script-types']],
};
const USAGES = {
  lint: 'usage: npm run lint\nRuns the linter on all files.',
  format: 'usage: npm run format\nFormats all files.',
  typecheck:
    'usage: npm run typecheck\nChecks the types of the apps and libraries, of the page, and of the scripts.',
};

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (name !== 'lint' && name !== 'format' && name !== 'typecheck')
    throw new ScriptError('checks: lint, format or typecheck', 64);
  readOptions(name, USAGES[name], { args });
  await ensureInstalled();
  for (const command of COMMANDS[name]) {
    const code = await runProgram(process.execPath, command);
    if (code !== 0) return code;
  }
  return 0;
});
