import { beforeAll, describe, expect, it } from 'vitest';
import { idFromUuid, uuidFromId, uuidv7 } from '#lib/base/ids.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { RUN_STATUSES } from '#lib/engine/events.ts';
import { database, disconnect, pool } from './client.ts';
import { createRuns } from './create-runs.ts';
import { stopListening } from './notify.ts';
import { listRunRecords, type RunFilter } from './run-list.ts';
import { freshDatabase } from './test-database.ts';

const COUNT = 400;
const TRIGGERS = ['api', 'manual', 'schedule'];
const [workspace, ...workflows] = [uuidv7(), uuidv7(), uuidv7()];
/** Newest first. */
let all: { id: string; workflow: string; status: string; trigger: string; version: number }[];

beforeAll(async () => {
  await freshDatabase();
  await database().workspace.create({ data: { id: workspace, name: 'w', slug: workspace } });
  const one = { workspaceId: idFromUuid('ws', workspace), definitionHash: 'x', input: {} };
  const wished = Array.from({ length: COUNT }, (_, at) => ({
    ...one,
    workflowId: idFromUuid('wf', workflows[at % 2] ?? ''),
    trigger: TRIGGERS[(at * 7) % 3] ?? '',
    version: 1 + ((at * 5) % 4),
  }));
  const made = await createRuns(wished);
  const statusOf = (at: number) => RUN_STATUSES[(at * 11) % RUN_STATUSES.length] ?? 'queued';
  all = made.map(({ runId }, at) => ({
    id: uuidFromId('run', runId) ?? '',
    workflow: workflows[at % 2] ?? '',
    status: statusOf(at),
    trigger: wished[at]?.trigger ?? '',
    version: wished[at]?.version ?? 0,
  }));
  await pool().query('update run set status = s from unnest($1::uuid[], $2::text[]) as t(i, s) where id = i', [
    all.map((run) => run.id),
    all.map((run) => run.status),
  ]);
  all.reverse();
  atEnd(async () => {
    await stopListening();
    await disconnect();
  });
});

const FILTERS: RunFilter[] = [undefined, 'completed', 'running', 'waiting'].flatMap((status) =>
  [undefined, 'manual', 'nothing'].flatMap((trigger) =>
    [undefined, 2, 9].flatMap((version) => [undefined, workflows[1]].map((workflowUuid) => ({ status, trigger, version, workflowUuid }))),
  ),
);

describe('the list of runs', () => {
  it.each(FILTERS)('gives each run once and in order, by cursor and by offset, with the number of all: %j', async (filter) => {
    const wanted = all
      .filter((run) => filter.status === undefined || run.status === filter.status)
      .filter((run) => filter.trigger === undefined || run.trigger === filter.trigger)
      .filter((run) => filter.version === undefined || run.version === filter.version)
      .filter((run) => filter.workflowUuid === undefined || run.workflow === filter.workflowUuid)
      .map((run) => run.id);
    for (const by of ['cursor', 'offset']) {
      const found: string[] = [];
      for (let more = true; more; ) {
        const page = { limit: 60, offset: by === 'offset' ? found.length : 0, after: by === 'cursor' ? (found.at(-1) ?? null) : null };
        const answer = await listRunRecords(workspace, filter, page);
        expect(answer.total).toBe(wanted.length);
        found.push(...answer.records.map((record) => record.uuid));
        more = answer.more;
      }
      expect(found).toEqual(wanted);
    }
  });
});
