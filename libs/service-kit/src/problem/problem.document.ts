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
