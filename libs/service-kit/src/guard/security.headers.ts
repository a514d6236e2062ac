const SHARED_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** Nothing inline, nothing from another host. */
const STRICT_POLICY = [...SHARED_POLICY, "style-src 'self'"].join('; ');
/** Swagger UI carries its style inside its page; its scripts are files. */
const SWAGGER_POLICY = [...SHARED_POLICY, "style-src 'self' 'unsafe-inline'"].join('; ');

const SWAGGER_PATH = /^\/docs(\/|\?|$)/;

const FIXED: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
];

/** The headers every answer carries, by the path that was asked for. */
export function securityHeaders(url: string): readonly (readonly [name: string, value: string])[] {
  const policy = SWAGGER_PATH.test(url) ? SWAGGER_POLICY : STRICT_POLICY;
  return [['content-security-policy', policy], ...FIXED];
}
