import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { ProblemException } from '@app/service-kit';
import { BadRequestException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Limits of a form: we read one field; the others are ignored, but limited. */
const FORM_LIMITS = { files: 0, fields: 16, fieldSize: 4096, parts: 16 };

/** The text between the parts. A boundary that needs escapes inside its quotes is not accepted: no client sends one. */
const BOUNDARY = /;\s*boundary=(?:"([^"\\]{1,200})"|([^\s;,"]{1,200}))/i;

/** Counts the boundaries in a body, because the parser skips a part that it does not understand. */
function countBoundaries({ headers }: FastifyRequest, body: Buffer): number {
  const [, quoted, plain] = BOUNDARY.exec(headers['content-type'] ?? '') ?? [];
  const boundary = `--${quoted ?? plain ?? ''}`;
  let found = body.indexOf(boundary) === 0 ? 1 : 0;
  const next = Buffer.from(`\r\n${boundary}`);
  for (let at = body.indexOf(next); at !== -1; at = body.indexOf(next, at + next.length)) found += 1;
  return found;
}

function onlyOf(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}

/**
 * Reads the fields of a multipart form from the whole body; a name that comes twice has all its values. (The plugins that
 * read a form piece by piece add a hook to every other request.)
 *
 * Answers 400 for a body that is no form or has a part that cannot be read, because the quantity may have been in it, and
 * 413 beyond the limits.
 */
export function readMultipartForm(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, value?: unknown) => void,
): void {
  const fields = new Map<string, unknown[]>();
  let parts = 0;
  let fault: Error | undefined;
  const refuse = (cause: unknown): void => {
    fault ??= new BadRequestException('the form cannot be read', { cause });
  };
  const refuseMore = (rule: 'maxParts' | 'maxFields' | 'maxFiles', message: string) => (): void => {
    fault ??= new ProblemException({
      status: 413,
      detail: message,
      errors: [{ field: 'body', rule, message }],
    });
  };
  try {
    const form = new Busboy({ headers: request.headers as BusboyHeaders, limits: FORM_LIMITS });
    form.on('field', (name: string | undefined, value) => {
      // By its type every part has a name, but a part can lack one.
      if (name === undefined) return;
      // The same rule as for JSON: no honest client uses such a name, and later code need not guard against it.
      if (name in Object.prototype) refuse(new Error(`no field may be named ${name}`));
      parts += 1;
      fields.set(name, [...(fields.get(name) ?? []), value]);
    });
    form.on('partsLimit', refuseMore('maxParts', 'the form has too many parts'));
    form.on('fieldsLimit', refuseMore('maxFields', 'the form has too many fields'));
    form.on('filesLimit', refuseMore('maxFiles', 'the form contains a file'));
    form.on('error', (error) => {
      refuse(error);
      done(fault ?? null);
    });
    form.on('finish', () => {
      // There is one boundary before each part, and one at the end.
      if (countBoundaries(request, body) !== parts + 1) refuse('the form has a part that cannot be read');
      if (fault !== undefined) done(fault);
      else done(null, Object.fromEntries([...fields].map(([name, all]) => [name, onlyOf(all)])));
    });
    form.end(body);
  } catch (error) {
    refuse(error);
    done(fault ?? null);
  }
}
