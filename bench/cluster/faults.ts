import { setTimeout as sleep } from 'node:timers/promises';
import { uuidFromId } from '#lib/base/ids.ts';
import { pool } from '#lib/db/client.ts';
import { wakeSchedulers } from '#lib/db/schedules.ts';
import { endOf, type Installation, type Node, startNode, tailOf, workerOf } from './installation.ts';

/** What breaks during a trial, and how long the installation took to go on. */
export interface Taken {
  readonly how: string;
  /** Runs that the worker owned. */
  readonly runs: number;
  /** Milliseconds until the last of them had another owner, was given back and waits, or had ended. */
  readonly millis: number;
}

export interface FaultReport {
  readonly takeOvers: Taken[];
  /** How the worker ended that was cut off past its lease and came back. */
  readonly fenced: number | null;
  /** Milliseconds from the end of the cut to its end. */
  readonly fencedAfter: number;
  readonly badLine: string;
}

const OWNED = `select id from run where owner = $1 and status in ('running', 'pausing', 'rolling_back', 'queued')`;
const LEASE_OVER_MS = 9_500;

/**
 * Does all of it under load: side by side where the effects can be told apart. Processes that ended are started again, as a
 * service manager would. Takes 25 to 30 s.
 */
export async function breakThings(
  installation: Installation,
  schedules: readonly string[],
  say: (text: string) => void,
): Promise<FaultReport> {
  const { webs, workers } = installation;
  const [one, two, three, four] = workers;
  const takeOvers: Taken[] = [];
  const restarts: Promise<void>[] = [];
  const half = schedules.length / 2;

  say(`  with all workers alive, ${half} schedules are 16 minutes behind; a bad line between worker-1 and the database for 2 s`);
  await fallBehind(schedules.slice(0, half), 16);
  const line = one.machine.degrade(2000);
  await sleep(1000);

  say('  worker-2 cut off from the database, not from the world, until its lease is over');
  const cutAt = Date.now();
  const seized = takeOver(two, 'cut off from the database', takeOvers, () => two.machine.cut('back'));
  await sleep(1000);

  say(`  kill -9 of worker-3, while ${half} other schedules are 16 minutes behind`);
  await fallBehind(schedules.slice(half), 16);
  await takeOver(three, 'kill -9', takeOvers, async () => void three.process?.kill('SIGKILL'));
  restarts.push(startNode(three));

  say('  web-2 cut off from the database for 3 s');
  await webs[1].machine.cut('back');
  await sleep(3000);
  await webs[1].machine.heal('back');

  say('  kill -9 of web-1');
  webs[0].process?.kill('SIGKILL');
  await endOf(webs[0], 2000);
  restarts.push(startNode(webs[0]));

  await seized;
  await sleep(Math.max(0, cutAt + LEASE_OVER_MS - Date.now()));
  say('  worker-2 is back');
  const healedAt = Date.now();
  await two.machine.heal('back');
  const ended = await endOf(two, 15_000);
  const fencedAfter = Date.now() - healedAt;
  restarts.push(startNode(two));

  say('  worker-4 loses power: no cable, no process, no farewell');
  await takeOver(four, 'power lost', takeOvers, async () => {
    await four.machine.cut('front', 'back');
    four.process?.kill('SIGKILL');
  });
  await four.machine.heal('front', 'back');
  restarts.push(startNode(four));
  await Promise.all(restarts);
  return { takeOvers, fenced: ended?.code ?? null, fencedAfter, badLine: await line };
}

/** Waits until a worker owns runs, lets it fail, and measures until others have them all. */
async function takeOver(node: Node, how: string, into: Taken[], fail: () => Promise<void>): Promise<void> {
  const id = await workerOf(node, node.process);
  if (id === null) throw new Error(`${node.machine.name} has no lease before it is to fail:\n${await tailOf(node)}`);
  let owned: string[] = [];
  for (let turn = 0; turn < 400 && owned.length < 2; turn++) {
    owned = await ownedBy(id);
    if (owned.length < 2) await sleep(10);
  }
  await fail();
  const failedAt = Date.now();
  // What it owns now: nobody else can take from it before it is declared dead.
  const lost = await ownedBy(id);
  while ((await pool().query(`${OWNED} and id = any($2)`, [id, lost])).rowCount !== 0) {
    if (Date.now() - failedAt > 30_000) break;
    await sleep(20);
  }
  // Given back is not yet taken: the last of them must have found an owner, or have been parked, or ended.
  while ((await pool().query(`select from run where id = any($1) and owner is null and status = 'running'`, [lost])).rowCount !== 0) {
    if (Date.now() - failedAt > 30_000) break;
    await sleep(20);
  }
  into.push({ how, runs: lost.length, millis: Date.now() - failedAt });
}

async function ownedBy(worker: string): Promise<string[]> {
  return (await pool().query<{ id: string }>(OWNED, [worker])).rows.map((row) => row.id);
}

/** Makes schedules due for each of so many minutes at once, as after an outage of all workers. */
async function fallBehind(schedules: readonly string[], minutes: number): Promise<void> {
  await pool().query(
    `update schedule set next_due = date_trunc('minute', now()) - $2 * interval '1 minute', next_at = date_trunc('minute', now()) - $2 * interval '1 minute'
     where id = any($1)`,
    [schedules.map((id) => uuidFromId('sched', id)), minutes],
  );
  await wakeSchedulers();
}
