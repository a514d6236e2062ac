import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Answer = Exclude<NonNullable<Operation['responses']['default']>, { $ref: string }>;
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const MEDIA_TYPE = 'application/problem+json';
const ERROR_STATUS = /^[45]|^default$/;

const FAULT: Schema = {
  type: 'object',
  required: ['field', 'rule', 'message'],
  properties: {
    field: {
      type: 'string',
      description: 'What broke the rule: a field, `body`, or a header.',
      example: 'qty',
    },
    rule: { type: 'string', description: 'The rule’s short name.', example: 'min' },
    message: { type: 'string', example: 'qty must not be less than 0' },
  },
};

/** The document of `ProblemDetailsFilter`. */
const PROBLEM: Schema = {
  type: 'object',
  description: 'An error, as RFC 9457 defines it. Some have members of their own.',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'The kind of problem; `about:blank`: just the status.',
      example: 'about:blank',
    },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', minimum: 400, maximum: 599, example: 400 },
    detail: {
      type: 'string',
      description: 'What went wrong this time.',
      example: 'the request is not valid',
    },
    instance: { type: 'string', description: 'The path that was asked for.', example: '/trade/buy' },
    errors: { type: 'array', items: FAULT },
  },
  additionalProperties: true,
};
const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };

const TOKEN = 'Where API_TOKEN is set, what changes something needs it, and what is secret.';

/** What any route may answer: guards, parsers and limits stand before every handler. */
const ANY_ERROR: Record<string, string> = {
  '4XX': 'Refused; the problem document says why.',
  '5XX': 'The service failed, or cannot answer now.',
};

/** An error's answer, whose body is a problem document; what the route itself says of the body are members of it. */
function asProblem(answer: Answer): Answer {
  const own = Object.values(answer.content ?? {})[0]?.schema;
  const schema = own === undefined ? PROBLEM_REFERENCE : { allOf: [PROBLEM_REFERENCE, own] };
  return { ...answer, content: { [MEDIA_TYPE]: { schema } } };
}

function describeAnswers(operation: Operation): void {
  const { responses, summary = '' } = operation;
  for (const [status, description] of Object.entries(ANY_ERROR)) responses[status] ??= { description };
  for (const [status, answer] of Object.entries(responses)) {
    if (answer === undefined || '$ref' in answer) continue;
    // A route's summary says what its answer is.
    if (answer.description === '') answer.description = summary;
    if (ERROR_STATUS.test(status)) responses[status] = asProblem(answer);
  }
}

/**
 * The OpenAPI document of an app. Every error is a problem document there, because `ProblemDetailsFilter` answers every error. The
 * server's address is relative to the document, because host and prefix may be a proxy's.
 * @param name its title
 */
export function createApiDocument(app: NestFastifyApplication, name: string): OpenAPIObject {
  const info = new DocumentBuilder()
    .setTitle(name)
    .setVersion('1')
    // Its schemas are JSON Schema, as those in a file of event types are; in 3.0 they are not.
    .setOpenAPIVersion('3.1.0')
    .addServer('.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: TOKEN }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, info);
  // Without a token, or with one.
  document.security = [{}, { token: [] }];
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) describeAnswers(operation);
    }
  }
  return document;
}
