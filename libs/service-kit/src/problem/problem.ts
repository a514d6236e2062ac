import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';

/** One broken rule: the field (or `body`, or a header) that broke it, the rule's short name, a sentence for people. */
export interface FieldFault {
  field: string;
  rule: string;
  message: string;
}

/** The body of every HTTP error, as RFC 9457 defines it; `errors` is our extension member. */
export interface ProblemDocument {
  /** A URI that names the kind of problem; `about:blank` means "just the status code". */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path that was asked for. */
  instance: string;
  errors?: FieldFault[];
  /** A problem may carry members of its own (RFC 9457, section 3.2). */
  [extension: string]: unknown;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** What a handler knows about the problem that it reports. */
export interface ProblemOptions {
  /** HTTP status code, 400 to 599. */
  status: number;
  /** What went wrong this time, in plain words that a client may see. */
  detail: string;
  /** @default 'about:blank' */
  type?: string;
  /** @default the status code's own phrase */
  title?: string;
  errors?: FieldFault[];
  /** Response headers, such as `Retry-After`. */
  headers?: Record<string, string>;
  /** Members of the document beyond RFC 9457's own. They cannot replace the standard ones. */
  extensions?: Record<string, unknown>;
}

/** An HTTP error that already knows its problem document; `ProblemDetailsFilter` answers with it. */
export class ProblemException extends HttpException {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldFault[] | undefined;
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;

  constructor(options: ProblemOptions) {
    super(options.detail, options.status);
    this.type = options.type ?? 'about:blank';
    this.title = options.title ?? STATUS_CODES[options.status] ?? 'Error';
    this.detail = options.detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}
