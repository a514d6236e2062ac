import type { FieldFault } from './problem.document.js';

/** What Fastify's own refusals (they come before any handler) say about which part of the request. */
const FAULTS: Record<string, Omit<FieldFault, 'message'>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { field: 'content-type', rule: 'mediaType' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { field: 'content-length', rule: 'length' },
  FST_ERR_CTP_BODY_TOO_LARGE: { field: 'body', rule: 'maxBytes' },
  FST_ERR_CTP_INVALID_JSON_BODY: { field: 'body', rule: 'json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { field: 'body', rule: 'json' },
  FST_ERR_BAD_URL: { field: 'url', rule: 'url' },
};

const FAULT_BY_STATUS: Record<number, Omit<FieldFault, 'message'>> = {
  400: { field: 'body', rule: 'wellFormed' },
  413: { field: 'body', rule: 'maxBytes' },
  415: { field: 'content-type', rule: 'mediaType' },
};

/**
 * Names the field and the rule of a refusal that the HTTP layer itself made (`cause` is its error).
 * Undefined when the refusal is about no part of the request's content, such as a 404.
 */
export function requestFault(cause: unknown, status: number, message: string): FieldFault | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = FAULTS[code] ?? FAULT_BY_STATUS[status];
  return known && { ...known, message };
}
