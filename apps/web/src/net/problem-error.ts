import { visibleText } from '../format/visible-text.js';

/** A refusal with its problem document, or a missing answer. */
export class ProblemError extends Error {
  readonly code = 'ERR_PROBLEM';

  /** @param status HTTP status; 0 when nobody answered */
  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface ProblemBody {
  readonly detail?: unknown;
  readonly title?: unknown;
}

async function wordsOf(answer: Response): Promise<string> {
  const isProblem = answer.headers.get('content-type')?.includes('json') ?? false;
  const body = isProblem ? readJson<ProblemBody>(await readText(answer)) : {};
  return visibleText(String(body.detail ?? body.title ?? `answered ${answer.status}`));
}

/**
 * Fetches, and returns a successful answer.
 *
 * @throws ProblemError with the server's own words, or status 0 when nobody answered
 */
export async function ask(url: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { cache: 'no-store', ...init });
  } catch (error) {
    throw new ProblemError(0, 'the publisher does not answer', { cause: error });
  }
  if (!answer.ok) throw new ProblemError(answer.status, await wordsOf(answer));
  return answer;
}

/**
 * `ask` for the whole text.
 *
 * @throws ProblemError also when the answer breaks off
 */
export async function askText(url: string, init?: RequestInit): Promise<string> {
  return readText(await ask(url, init));
}

/** `askText` for JSON of a shape that the caller knows. */
export async function askJson<T>(url: string, init?: RequestInit): Promise<T> {
  return readJson<T>(await askText(url, init));
}

/**
 * Reads JSON that a server sent.
 *
 * @throws ProblemError when it is not JSON
 */
export function readJson<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new ProblemError(0, 'the answer cannot be read', { cause: error });
  }
}

async function readText(answer: Response): Promise<string> {
  try {
    return await answer.text();
  } catch (error) {
    // The headers came, and the connection broke before the end.
    throw new ProblemError(0, 'the answer was cut short', { cause: error });
  }
}
