import { ConfigurationError } from '../config/config-loader.js';

/** The text for stderr, and the exit code. */
export interface BootFailure {
  text: string;
  exitCode: number;
}

/** BSD's EX_CONFIG: supervisors should not restart on it, because the next start would fail the same way. */
const EXIT_CONFIGURATION = 78;

function listenFault(error: unknown, where: string): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  if (code === 'EADDRINUSE') return `${where} is already in use; set PORT to another`;
  if (code === 'EACCES') return `${where} needs rights that this user lacks; set PORT to another`;
  return `cannot listen on ${where} (${String(code)}); set HOST to an address of this machine`;
}

/**
 * Says why a service did not start: all configuration faults, or one line about an address that cannot be used, or one line about
 * any other error.
 */
export function describeBootFailure(
  name: string,
  error: unknown,
  address: { HOST: string; PORT: number } | undefined,
): BootFailure {
  if (error instanceof ConfigurationError) {
    const faults = error.faults.map(({ key, message }) => `  ${key}: ${message}`).join('\n');
    return { text: `${name}: the configuration cannot be used:\n${faults}\n`, exitCode: EXIT_CONFIGURATION };
  }
  const where = address && `port ${address.PORT} on ${address.HOST}`;
  const fault = where && listenFault(error, where);
  if (fault) return { text: `${name}: ${fault}\n`, exitCode: 1 };
  return { text: `${name}: could not start: ${oneLine(error)}\n`, exitCode: 1 };
}

/** Any other error in one line: what it is, its cause, and where it was thrown. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = `${error.name}: ${error.message}`
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  const cause = error.cause === undefined ? '' : `, because of ${oneLine(error.cause)}`;
  const place = error.stack
    ?.split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith('at '))
    ?.slice('at '.length);
  return `${message}${cause}${place === undefined || cause !== '' ? '' : ` (at ${place})`}`;
}
