/** What a program needs anywhere. Settings in the shell that runs the tests must not reach the programs under test. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'USER', 'LANG', 'TZ', 'CI', 'CHROMIUM_PATH'];

/** The environment of a started program: what any program needs, and then `settings`. */
export function childEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const needed = Object.entries(process.env).filter(([key]) => NEEDED.includes(key));
  return { ...Object.fromEntries(needed), NO_COLOR: '1', ...settings };
}
