import { type APIRequestContext, test as base, expect } from '@playwright/test';

/** The key that the test instance is started with; programs use nothing else. */
export const API_KEY = process.env.WEFTLINE_API_KEY ?? 'wl_e2e_0123456789abcdef';

interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Record<string, string>;
}

/** The REST API as a program sees it: JSON in, JSON out, a bearer key. */
export interface Api {
  call<T = Record<string, never>>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  /** Creates a workflow and answers its id. */
  workflow(definition: object): Promise<string>;
  /** Starts a run, follows its stream to the end and answers the run's id. */
  finishedRun(workflowId: string, input?: unknown): Promise<string>;
  /** Every event of a run, in order, from its stream; waits until the stream closes. */
  events(runId: string, lastEventId?: number): Promise<StreamedEvent[]>;
}

export interface StreamedEvent {
  readonly id: number;
  readonly name: string;
  readonly data: Record<string, unknown>;
}

function programmatic(request: APIRequestContext, baseURL: string): Api {
  const authorization = `Bearer ${API_KEY}`;
  const api: Api = {
    async call(method, path, body, headers = {}) {
      const response = await request.fetch(path, {
        method,
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { data: body }),
      });
      const text = await response.text();
      return { status: response.status(), body: text === '' ? null : JSON.parse(text), headers: response.headers() } as never;
    },
    async workflow(definition) {
      const made = await api.call<{ id: string }>('POST', '/api/workflows', { definition });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      return made.body.id;
    },
    async finishedRun(workflowId, input = {}) {
      const started = await api.call<{ run_id: string }>('POST', `/api/workflows/${workflowId}/run`, { input_data: input });
      expect(started.status, JSON.stringify(started.body)).toBe(202);
      await api.events(started.body.run_id);
      return started.body.run_id;
    },
    async events(runId, lastEventId) {
      const headers: Record<string, string> = { authorization };
      if (lastEventId !== undefined) headers['last-event-id'] = String(lastEventId);
      const response = await fetch(new URL(`/api/workflows/runs/${runId}/stream`, baseURL), { headers });
      return parseStream(await response.text());
    },
  };
  return api;
}

function parseStream(text: string): StreamedEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('id:'))
    .map((frame) => {
      const lines = Object.fromEntries(
        frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      return { id: Number(lines.id), name: lines.event ?? '', data: JSON.parse(lines.data ?? '{}') };
    });
}

interface Fixtures {
  readonly api: Api;
  /** What the browser says on its own when an answer is an error that the test provokes, such as `/status of 401/`. */
  readonly provokedErrors: readonly RegExp[];
  readonly quietConsole: undefined;
}

/** Any error that the browser's console shows fails the test, unless the test provoked it. */
export const test = base.extend<Fixtures>({
  provokedErrors: [[], { option: true }],
  api: async ({ request, baseURL }, use) => {
    await use(programmatic(request, baseURL ?? ''));
  },
  quietConsole: [
    async ({ context, provokedErrors }, use) => {
      const errors: string[] = [];
      context.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => errors.push(String(error.error())));
      await use(undefined);
      const unexpected = errors.filter((text) => !provokedErrors.some((provoked) => provoked.test(text)));
      expect(unexpected, 'the browser console shows no errors').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
