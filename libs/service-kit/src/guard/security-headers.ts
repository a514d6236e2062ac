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

/** Allows nothing inline, and nothing from another host. */
const STRICT_POLICY = [...SHARED_POLICY, "style-src 'self'"].join('; ');
/** Swagger UI has its style inside its page; its scripts are files. */
const SWAGGER_POLICY = [...SHARED_POLICY, "style-src 'self' 'unsafe-inline'"].join('; ');

const FIXED = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Made once, because every answer has them. Why no library makes them: docs/decisions/0012-own-headers-and-proxy.md. */
const STRICT_HEADERS = { 'content-security-policy': STRICT_POLICY, ...FIXED };
const SWAGGER_HEADERS = { 'content-security-policy': SWAGGER_POLICY, ...FIXED };

/** Tells whether an address is one of Swagger UI's. */
export function isDocumentation(url: string): boolean {
  if (!url.startsWith('/docs')) return false;
  return url.length === 5 || url[5] === '/' || url[5] === '?' || url.startsWith('-json', 5);
}

/** The headers of every answer, by the path that was asked for. */
export function securityHeaders(url: string): Readonly<Record<string, string>> {
  return isDocumentation(url) ? SWAGGER_HEADERS : STRICT_HEADERS;
}
