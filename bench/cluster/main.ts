import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { disconnect, pool } from '#lib/db/client.ts';
import type { Report } from './effects.ts';
import { breakThings, type FaultReport } from './faults.ts';
import { type Followed, follow } from './follow.ts';
import { type Footprint, footprint } from './footprint.ts';
import { call, type Installation, openInstallation, tailOf } from './installation.ts';
import { allRuns, brokenLimit, brokenSchedules, brokenStreams, readJournals, repeats, unended, wrongEffects } from './verdict.ts';
import { Load, makeSchedules, makeWorkflows, type Workflows } from './workload.ts';

/**
 * The trial of an installation over several machines; see `npm run cluster`. Runs inside the namespaces of `namespaces.ts`.
 * Tells what it does on standard error, and at the end one JSON report on standard output.
 */
export interface TrialReport {
  /** What is broken, by promise; empty lists where all was kept. */
  readonly broken: Readonly<Record<'ended' | 'journals' | 'effects' | 'limit' | 'schedules' | 'streams' | 'across', readonly string[]>>;
  readonly faults: FaultReport;
  readonly counts: {
    readonly accepted: number;
    readonly runs: number;
    readonly requests: number;
    readonly repeated: number;
    readonly fires: number;
  };
  readonly streams: { readonly readers: number; readonly connections: number; readonly p50: number; readonly p99: number };
  readonly footprint: Footprint;
  readonly seconds: number;
}

const SCHEDULES = 20;
/** Orders that have a reader. */
const READERS = 24;
const READER_MS = 60_000;
/** Milliseconds for what is under way when the last start was accepted. */
const SETTLE_MS = 25_000;
const say = (text: string) => process.stderr.write(`${text}\n`);

// Whoever started it is gone: so are the namespaces.
process.stdin.on('end', () => process.exit(1)).resume();
const folder = await mkdtemp(join(tmpdir(), 'weftline-cluster-'));
try {
  const report = await trial(folder);
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(report)}\n`, resolve));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await disconnect();
  if (process.exitCode === undefined) await rm(folder, { recursive: true, force: true });
  else say(`  logs are in ${folder}`);
  process.exit();
}

async function trial(root: string): Promise<TrialReport> {
  const began = Date.now();
  say('machines, each in a network namespace of its own:');
  const installation = await openInstallation(root, say);
  const workflows = await makeWorkflows(installation);
  const schedules = await makeSchedules(installation, workflows.scheduled, SCHEDULES);
  const idle = await footprint(installation);
  say(`all answer after ${((Date.now() - began) / 1000).toFixed(1)} s; load from here on`);
  const across = await followAcross(installation, workflows);

  const readers: Promise<Followed>[] = [];
  const load = new Load(installation, workflows, (order) => {
    if (load.accepted.length % 3 !== 0 || readers.length >= READERS) return;
    // From the web process that did not take it.
    readers.push(follow(installation.webs, order.web + 1, order.runId, () => 200 + Math.random() * 1200, READER_MS));
  });
  const going = load.go();
  await sleep(1500);
  const faults = await breakThings(installation, schedules, say);
  const busy = await footprint(installation);
  say('  no new starts; what is under way goes on to its end');
  await load.stop();
  await going;
  await settled();
  const followed = await Promise.all(readers);

  const effects = (await (await fetch(`${installation.effectsUrl}/report`)).json()) as Report;
  const runs = await allRuns();
  const { faults: gaps, ends, lengths } = await readJournals(runs);
  const fired = await brokenSchedules(schedules, runs, effects);
  const all = [...load.accepted, ...across.accepted];
  const delays = [...followed, across.followed].flatMap((one) => one.delays).sort((a, b) => a - b);
  const broken = {
    ended: unended(runs, all),
    journals: gaps,
    effects: wrongEffects(effects, ends, all),
    limit: await brokenLimit(effects),
    schedules: fired.faults,
    streams: brokenStreams([...followed, across.followed], lengths),
    across: across.broken,
  };
  if (Object.values(broken).some((list) => list.length > 0)) {
    for (const node of [...installation.webs, ...installation.workers]) say(`${node.machine.name}:\n${await tailOf(node)}`);
    process.exitCode = 1;
  }
  return {
    broken,
    faults,
    counts: { accepted: all.length, runs: runs.length, requests: effects.requests.length, repeated: repeats(effects), fires: fired.fires },
    streams: {
      readers: followed.length + 1,
      connections: followed.reduce((sum, one) => sum + one.connections, across.followed.connections),
      p50: delays[Math.floor(delays.length * 0.5)] ?? -1,
      p99: delays[Math.floor(delays.length * 0.99)] ?? -1,
    },
    footprint: { ...idle, busy: busy.idle },
    seconds: (Date.now() - began) / 1000,
  };
}

/** A run that web-2 starts and only worker-3 can drive, read on web-1. */
async function followAcross(installation: Installation, workflows: Workflows) {
  const [first, second] = installation.webs;
  const body = { queue: 'third', input_data: { items: [1, 2, 3, 4] } };
  const started = await call(second, 'POST', `/api/workflows/${workflows.order}/run`, body);
  const runId = String(started.body.run_id);
  const reading = follow([first], 0, runId, () => READER_MS, READER_MS);
  await call(second, 'POST', `/api/workflows/runs/${runId}/events/go`, {});
  const followed = await reading;
  const { rows } = await pool().query<{ name: string }>(`select name from worker where 'third' = any(queues)`);
  const broken = [
    ...(followed.connections === 1 ? [] : [`the reader on the other web process needed ${followed.connections} connections`]),
    ...(rows.length === 1 && rows[0]?.name.startsWith('worker-3:') ? [] : ['another worker could have driven it']),
  ];
  return { followed, broken, accepted: [{ runId, kind: 'order' as const, web: 1 }] };
}

/** Waits for the end of every run that there is. */
async function settled(): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  while (Date.now() < until) {
    const { rows } = await pool().query<{ open: number }>('select count(*)::int as open from run where completed_at is null');
    if (rows[0]?.open === 0) return;
    await sleep(100);
  }
}
