import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { TestApi } from '#lib/http/test-api.ts';
import { sendJson, startTestServer, type TestServer } from '#lib/steps/test-server.ts';
import { ended, eventsOf, rowOf, until } from './test-runs.ts';

interface Refusal {
  readonly status: number;
  readonly body: unknown;
}

interface Called {
  /** Milliseconds that an answer takes. */
  pause: number;
  /** Bytes in an answer; no compression makes them fewer. */
  size: number;
}

/** Chains of calls to a server that counts them, started through the API while something happens to the database. */
export class DatabaseLoad {
  readonly #api: TestApi;
  readonly #target: TestServer;
  readonly called: Called;

  private constructor(api: TestApi, target: TestServer, called: Called) {
    this.#api = api;
    this.#target = target;
    this.called = called;
  }

  static async start(api: TestApi): Promise<DatabaseLoad> {
    const called: Called = { pause: 0, size: 0 };
    const target = await startTestServer((_request, response) => {
      const answer = { ok: true, data: randomBytes(called.size).toString('base64') };
      setTimeout(() => sendJson(response, answer), called.pause);
    });
    return new DatabaseLoad(api, target, called);
  }

  close(): Promise<void> {
    return this.#target.close();
  }

  /** A workflow: a chain of calls, each with the run's id and the step's in its path. */
  chain(length: number): Promise<string> {
    const steps = Array.from({ length }, (_, index) => ({
      id: `s${index + 1}`,
      type: 'http_request',
      depends_on: index === 0 ? [] : [`s${index}`],
      config: { method: 'GET', url: `${this.#target.origin}/{{ run.id }}/s${index + 1}` },
    }));
    return this.#api.workflow({ name: 'chain', steps });
  }

  times(run: string, step: string): number {
    return this.#target.requests.filter((request) => request.url === `/${run}/${step}`).length;
  }

  /**
   * Every run has ended well, each of its steps once in the journal, with no gap in its numbers, and once in the world.
   */
  async expectWhole(runs: readonly string[], length: number): Promise<void> {
    for (const run of runs) {
      expect(await rowOf(run)).toMatchObject({ status: 'completed' });
      const events = await eventsOf(run);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      const ids = Array.from({ length }, (_, index) => `s${index + 1}`);
      expect(events.flatMap((event) => (event.type === 'step_completed' ? [event.step] : []))).toEqual(ids);
      const called = this.#target.requests.flatMap(({ url }) => (url.startsWith(`/${run}/`) ? [url.slice(run.length + 2)] : []));
      expect(called).toEqual(ids);
    }
  }

  /** Starts runs one by one while something happens to the database; answers those that were accepted and what else was said. */
  async underLoad(fault: (refusals: readonly Refusal[]) => Promise<void>): Promise<{ runs: string[]; refusals: Refusal[] }> {
    const workflow = await this.chain(3);
    const runs: string[] = [];
    const refusals: Refusal[] = [];
    let loading = true;
    const callers = Array.from({ length: 4 }, async () => {
      while (loading) {
        const { status, body } = await this.#api.call<{ run_id: string }>('POST', `/api/workflows/${workflow}/run`, { input_data: {} });
        if (status === 202) runs.push(body.run_id);
        else refusals.push({ status, body });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    try {
      await until(() => runs.length >= 30);
      await fault(refusals);
      const before = runs.length;
      await until(() => runs.length >= before + 30, 20_000);
    } finally {
      loading = false;
      await Promise.all(callers);
    }
    await ended(runs, 30_000);
    return { runs, refusals };
  }
}

/** Calls that found no database were told so, all of them, in the one form. */
export function expectUnavailable(refusals: readonly Refusal[]): void {
  expect(refusals.length).toBeGreaterThan(0);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      status: 503,
      body: { error: 'unavailable', status: 503, message: expect.stringContaining('database') },
    });
  }
}
