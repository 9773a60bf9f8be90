import type { Access } from '#lib/auth/access.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { pollTaskWorker as contract, Work } from '#lib/contracts/task-workers.ts';
import { CONTROL_CHANNEL, listen, QUEUE_CHANNEL, subscribeRun } from '#lib/db/notify.ts';
import { type ClaimedStep, claimOffers, postReports, readRunFacts } from '#lib/db/remote-steps.ts';
import { readStepNews } from '#lib/db/run-events.ts';
import { beatTaskWorker, type ClaimedWork, claimedWork, type TaskWorkerRow } from '#lib/db/task-workers.ts';
import { ENGINE_VERSION } from '#lib/engine/version.ts';
import { prefixOfKey } from '#lib/workflow/step-key.ts';
import { newsOf, workOf } from './code-work.ts';
import { Hints } from './hints.ts';
import { noTaskWorker, taskWorkerUuid } from './task-worker-id.ts';
import { workspaceUuid } from './workspace-uuid.ts';

type Answer = AnswerOf<typeof contract>;
type Session = InputOf<typeof contract>['body']['sessions'][number];

/** The net under lost hints, and how often a waiting poll prolongs the lease: at least four times in it. */
const LOOK_AGAIN_MS = 1000;
/** Pieces of work in one answer: each brings what its function has done before. */
const MAX_WORK = 20;

/**
 * Work and news for a task worker, as soon as there is any; nothing when the time is over. While it waits, it holds no
 * connection of the database. Throws `not_found` for a worker that was declared dead.
 */
export async function pollTaskWorker(access: Access, { params, body }: InputOf<typeof contract>, signal: AbortSignal): Promise<Answer> {
  const workspace = workspaceUuid(access);
  const uuid = taskWorkerUuid(params.id);
  const end = Date.now() + body.wait_ms;
  const hints = new Hints(signal);
  // Before the first look, so that nothing falls between looking and listening.
  const tell = () => hints.tell();
  const unlisten = [listen(QUEUE_CHANNEL, tell), listen(CONTROL_CHANNEL, tell)];
  try {
    for (;;) {
      const worker = await beatTaskWorker(workspace, uuid);
      if (worker === null) throw noTaskWorker();
      const claimed = await claimedWork(workspace, uuid);
      if (unlisten.length === 2) unlisten.push(...followed(body.sessions, claimed).map((runId) => subscribeRun(runId, tell)), () => {});
      const answer = signal.aborted ? nothing() : await look(worker, claimed, body);
      const left = end - Date.now();
      if (isNews(answer) || left <= 0 || signal.aborted) return answer;
      await hints.wait(Math.min(left, LOOK_AGAIN_MS, worker.leaseMs / 4));
    }
  } finally {
    for (const stop of unlisten) stop();
    hints.close();
  }
}

/** Runs of which an event may be news. */
function followed(sessions: readonly Session[], claimed: ReadonlyMap<string, ClaimedWork>): string[] {
  const uuids = sessions.flatMap(({ id }) => claimed.get(id)?.runId ?? []);
  return [...new Set(uuids)].map((uuid) => idFromUuid('run', uuid));
}

function nothing(): Answer {
  return { work: [], news: [], gone: [], pausing: [] };
}

function isNews({ work, news, gone, pausing }: Answer): boolean {
  return work.length + news.length + gone.length + pausing.length > 0;
}

async function look(
  worker: TaskWorkerRow,
  claimed: ReadonlyMap<string, ClaimedWork>,
  { free, sessions }: InputOf<typeof contract>['body'],
): Promise<Answer> {
  const known = new Set(sessions.map((one) => one.id));
  // An answer that brought them was lost: they are brought again.
  const unknown = [...claimed.values()].filter((one) => !known.has(one.id));
  const room = Math.min(free, MAX_WORK) - unknown.length;
  const fresh = room > 0 ? await claimOffers({ workerId: worker.id, queues: worker.queues, engine: ENGINE_VERSION }, room) : [];
  return {
    work: await begin(worker.id, [...unknown.slice(0, MAX_WORK), ...fresh]),
    news: await newsFor(sessions, claimed),
    gone: sessions.filter((one) => !claimed.has(one.id)).map((one) => one.id),
    pausing: sessions.filter((one) => !one.pausing && claimed.get(one.id)?.runStatus === 'pausing').map((one) => one.id),
  };
}

/** The run is told that its code has begun; only then does it begin. */
async function begin(workerId: string, offers: readonly ClaimedStep[]): Promise<Work[]> {
  if (offers.length === 0) return [];
  const at = Date.now();
  const stands = await postReports(
    workerId,
    offers.map((offer) => ({ offer, report: { kind: 'started', at } as const })),
  );
  const facts = new Map((await readRunFacts([...new Set(offers.map((one) => one.runId))])).map((row) => [row.id, row]));
  const found: Work[] = [];
  for (const [place, offer] of offers.entries()) {
    const row = facts.get(offer.runId);
    const work = stands[place] && row !== undefined ? await workOf(offer, row) : null;
    if (work !== null) found.push(work);
  }
  return found;
}

async function newsFor(sessions: readonly Session[], claimed: ReadonlyMap<string, ClaimedWork>): Promise<Answer['news']> {
  const found: Answer['news'] = [];
  for (const { id, awaits } of sessions) {
    const work = claimed.get(id);
    if (work === undefined || awaits.length === 0) continue;
    const prefix = prefixOfKey(work.step);
    const events = await readStepNews(
      work.runId,
      awaits.map(({ step, after }) => ({ step: prefix + step, after })),
    );
    const steps = events.flatMap((event) => newsOf(event) ?? []);
    if (steps.length > 0) found.push({ id, steps });
  }
  return found;
}
