import { chainOf } from '#worker/test-runs.ts';
import { type BenchWorkflow, countInDatabase, storeWorkflow, untilAllEnded } from './bench-workflows.ts';
import { type Group, scaled } from './group.ts';
import { type BenchProcess, startBareProcess, startClientProcess, startWebProcess, startWorkerProcess } from './processes.ts';
import { commitTime } from './raw-limits.ts';
import type { RowId, Sample } from './rows.ts';
import { type Flooded, ONE_BY_ONE_WARM_UP, type OneByOne } from './starts.ts';
import { percentile } from './statistics.ts';

const CONNECTIONS = 64;
const WARM_UP = 3000;
const BATCH = 1000;
const BATCH_CONNECTIONS = 4;
const BODY = '{"input_data":{"customer":"acme","order":4711}}';

/** Starts through the HTTP API: web process, worker, database and client are four processes (and more) on the same cores. */
export const apiStarts: Group = {
  name: 'api',
  title: 'starts through the HTTP API',
  async round(bench) {
    const before = await commitTime();
    const servers = await Promise.all([startWebProcess(), startWorkerProcess(), startClientProcess()]);
    const [web, worker, client] = servers;
    const single = await one(web, client, scaled(bench, 500));
    const rate = await many(web, client, scaled(bench, 12_000));
    const batch = await batches(web, client, scaled(bench, 24));
    await Promise.all([web.stop(), worker.stop()]);
    const commit = (before + (await commitTime())) / 2;
    const bare = await bareRate(client, 'node', scaled(bench, 30_000));
    const hono = await bareRate(client, 'hono', scaled(bench, 30_000));
    await client.stop();
    const sample = (row: RowId, value: number): Sample => ({ row, value, ratio: value / commit });
    return [
      { row: 'raw.http', value: bare },
      { row: 'raw.hono', value: hono },
      sample('api.accepted', percentile(single.accepted, 0.5)),
      sample('api.first', percentile(single.first, 0.5)),
      sample('api.first.p99', percentile(single.first, 0.99)),
      sample('api.finished', percentile(single.finished, 0.5)),
      sample('api.finished.p99', percentile(single.finished, 0.99)),
      { row: 'api.runs', value: rate.finished, ratio: rate.finished / bare },
      { row: 'api.runs.accepted', value: rate.accepted, ratio: rate.accepted / bare },
      { row: 'api.batch', value: batch },
    ];
  },
};

/** Started, then followed by its stream to the end; then the next. */
async function one(web: BenchProcess, client: BenchProcess, count: number): Promise<OneByOne> {
  const workflow = await storeWorkflow(chainOf(3), 'api one');
  const times = await client.ask<OneByOne>({ kind: 'one_by_one', port: web.port, key: workflow.key, workflowId: workflow.id, count });
  await countInDatabase(workflow, { runs: count + ONE_BY_ONE_WARM_UP, steps: 3 });
  return times;
}

/** Each start a request of its own, many connections; counted from the first request to the last end. All per second. */
async function many(web: BenchProcess, client: BenchProcess, total: number): Promise<{ finished: number; accepted: number }> {
  const start = async (count: number): Promise<{ workflow: BenchWorkflow; sent: Flooded }> => {
    const workflow = await storeWorkflow(chainOf(3), 'api many');
    const path = `/api/workflows/${workflow.id}/run`;
    const target = { port: web.port, key: workflow.key, path, body: BODY, connections: CONNECTIONS };
    const sent = await client.ask<Flooded>({ kind: 'flood', ...target, total: count });
    await untilAllEnded(workflow, count, { pause: 20 });
    return { workflow, sent };
  };
  await start(WARM_UP);
  const { workflow, sent } = await start(total);
  const { lastEnd } = await countInDatabase(workflow, { runs: sent.accepted, steps: 3 });
  if (sent.accepted !== total) throw new Error(`${sent.accepted} of ${total} starts were accepted`);
  return { finished: total / ((lastEnd - sent.began) / 1000), accepted: total / (sent.millis / 1000) };
}

/** 1,000 runs in each request. Runs per second, from the first request to the last end. */
async function batches(web: BenchProcess, client: BenchProcess, requests: number): Promise<number> {
  const workflow = await storeWorkflow(chainOf(3), 'api batch');
  const path = `/api/workflows/${workflow.id}/runs/batch`;
  const body = JSON.stringify({ runs: Array.from({ length: BATCH }, (_, order) => ({ input_data: { customer: 'acme', order } })) });
  const target = { port: web.port, key: workflow.key, path, body, connections: BATCH_CONNECTIONS };
  const { began, accepted } = await client.ask<Flooded>({ kind: 'flood', ...target, total: requests });
  const runs = accepted * BATCH;
  await untilAllEnded(workflow, runs, { pause: 50 });
  const { lastEnd } = await countInDatabase(workflow, { runs: requests * BATCH, steps: 3 });
  return runs / ((lastEnd - began) / 1000);
}

/** The same client, body and number of connections. Requests per second. */
async function bareRate(client: BenchProcess, kind: 'node' | 'hono', total: number): Promise<number> {
  const bare = await startBareProcess(kind);
  const task = { kind: 'flood', port: bare.port, key: 'wl_none', path: '/', body: BODY, connections: CONNECTIONS } as const;
  await client.ask<Flooded>({ ...task, total: WARM_UP });
  const { millis } = await client.ask<Flooded>({ ...task, total });
  await bare.stop();
  return total / (millis / 1000);
}
