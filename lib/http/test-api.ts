import type { Access } from '#lib/auth/access.ts';
import type { Json } from '#lib/base/json.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';
import { createKey } from '#lib/server/create-key.ts';
import { exampleDefinition, testAccess } from '#lib/server/test-workspace.ts';
import { api } from './api.ts';

const ORIGIN = 'http://127.0.0.1:3000';

export interface TestAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** The API as a program of one workspace calls it, without a server between. Answers are held against their contracts. */
export class TestApi {
  readonly access: Access;
  readonly #key: string;

  constructor(access: Access, key: string) {
    this.access = access;
    this.#key = key;
  }

  async call<Body = Record<string, Json>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer<Body>> {
    const response = await api().request(ORIGIN + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body, headers: response.headers };
  }

  /** The whole text of an answer, a stream's when it has ended. */
  async text(path: string): Promise<string> {
    const response = await api().request(ORIGIN + path, { headers: { authorization: `Bearer ${this.#key}` } });
    return response.text();
  }

  /** The body of a call that must succeed. */
  async get<Body = Record<string, Json>>(path: string): Promise<Body> {
    const { status, body } = await this.call<Body>('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** A new workflow; answers its id. */
  async workflow(definition: unknown = exampleDefinition(), more: object = {}): Promise<string> {
    const { status, body } = await this.call<{ id: string }>('POST', '/api/workflows', { definition, ...more });
    if (status !== 201) throw new Error(`The workflow was refused: ${JSON.stringify(body)}`);
    return body.id;
  }

  /** A new run, which nobody drives; answers its id. */
  async run(workflowId: string, body: object = {}): Promise<string> {
    const answer = await this.call<{ run_id: string }>('POST', `/api/workflows/${workflowId}/run`, body);
    if (answer.status !== 202) throw new Error(`The start was refused: ${JSON.stringify(answer.body)}`);
    return answer.body.run_id;
  }
}

/** A workspace of its own, and a key for all of it. */
export async function testApi(name = 'Ada'): Promise<TestApi> {
  process.env.WEFTLINE_SECRET ??= 'test-secret-0123456789-0123456789-abcdef';
  process.env.WEFTLINE_ENCRYPTION_KEY ??= 'test-encryption-key-0123456789-0123456789';
  process.env.WEFTLINE_CHECK_ANSWERS = '1';
  const access = await testAccess(name);
  const { key } = await createKey(access, { params: {}, query: {}, body: { name: 'test', scopes: [...PERMISSIONS], expires_at: null } });
  return new TestApi(access, key);
}
