import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { ErrorCode } from '#lib/base/errors.ts';
import type { Contract } from '#lib/contracts/contract.ts';
import { ErrorBody } from '#lib/contracts/error.ts';
import { WireEvent } from '#lib/contracts/run-event.ts';
import { HTTP_STATUS } from '#lib/http/status.ts';
import product from '#package.json' with { type: 'json' };

const EVERY_ERROR: readonly ErrorCode[] = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'validation_error',
  'rate_limited',
  'internal_error',
];
const BODY_ERRORS: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type'];
const REASONS: Record<ErrorCode, string> = {
  bad_request: 'The request could not be read',
  unauthorized: 'Not signed in',
  forbidden: 'Signed in, but not allowed to do this',
  not_found: 'There is no such thing in this workspace',
  method_not_allowed: 'The path has no such method',
  conflict: 'The present state does not allow it',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The body is not JSON',
  validation_error: 'The request was read, but its content is not acceptable; `details` says where',
  rate_limited: 'Too many requests',
  internal_error: 'A fault on the server; the request id finds it in the log',
  unavailable: 'The database or a worker is away; try again',
};
const TAGS: Record<string, string> = {
  Workflows: 'Design: definitions, drafts, status.',
  Versions: 'What changed between two versions, and back again.',
  Runs: 'Start, watch and control runs.',
  Approvals: 'Decide what runs wait for.',
  Hooks: 'Addresses that other services call.',
  Templates: 'Ready-made workflows to install.',
  'API keys': 'Keys for programs.',
  Callbacks: 'How receivers know that a callback came from here.',
  Audit: 'Who did what and when.',
  Account: 'Sign-in and set-up.',
  Operations: 'Health.',
};

const registry = globalThis as { weftlineOpenApi?: unknown };

/** The OpenAPI 3.1 document of the native API, made once from the contracts that also parse the requests. */
export function openApiDocument(contracts: readonly Contract[]): Record<string, unknown> {
  registry.weftlineOpenApi ??= build(contracts);
  return registry.weftlineOpenApi as Record<string, unknown>;
}

function build(contracts: readonly Contract[]): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const contract of contracts) {
    paths[contract.path] = { ...paths[contract.path], [contract.method.toLowerCase()]: operationOf(contract) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Weftline API',
      version: product.version,
      description: 'Design, run, watch, compare and roll back workflows. Ids are prefixed and sort by time; times are ISO 8601 in UTC.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This instance' }],
    security: [{ apiKey: [] }, { session: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { RunEvent: WireEvent },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key made in the settings: `Authorization: Bearer wl_…`' },
        session: { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token', description: 'The cookie of a signed-in browser' },
      },
    },
  });
}

function operationOf(contract: Contract): ZodOpenApiOperationObject {
  const hasBody = contract.method !== 'GET' && contract.method !== 'DELETE' && !isEmpty(contract.body);
  const codes = [...EVERY_ERROR, ...(hasBody ? BODY_ERRORS : []), ...contract.errors].filter(
    (code) => contract.permission !== null || (code !== 'unauthorized' && (code !== 'forbidden' || contract.errors.includes('forbidden'))),
  );
  const byStatus = new Map(
    codes.map((code) => [
      String(HTTP_STATUS[code]),
      { description: REASONS[code], content: { 'application/json': { schema: ErrorBody } } },
    ]),
  );
  return {
    operationId: contract.operation,
    summary: contract.summary,
    description: contract.description ?? `${contract.summary}.`,
    tags: [contract.tag],
    ...(contract.permission === null ? { security: [] } : {}),
    requestParams: {
      ...(isEmpty(contract.params) ? {} : { path: contract.params as z.ZodObject }),
      ...(isEmpty(contract.query) ? {} : { query: contract.query as z.ZodObject }),
    },
    ...(hasBody
      ? {
          requestBody: {
            required: !contract.bodyOptional,
            content: {
              'application/json': { schema: contract.body, ...(contract.example === undefined ? {} : { example: contract.example }) },
            },
          },
        }
      : {}),
    responses: { [String(contract.status)]: success(contract), ...Object.fromEntries(byStatus) },
  };
}

function success(contract: Contract) {
  if (contract.status === 204) return { description: 'Done' };
  const type = contract.operation === 'streamRun' || contract.operation === 'followDraft' ? 'text/event-stream' : 'application/json';
  return { description: contract.summary, content: { [type]: { schema: contract.answer } } };
}

function isEmpty(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0;
}
