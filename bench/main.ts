import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { apiStarts } from './api-starts.ts';
import { disk } from './disk.ts';
import { engineLatency, engineLoops } from './engine-latency.ts';
import { engineRates } from './engine-rates.ts';
import type { Bench, Group } from './group.ts';
import { coldStart, instance } from './instance.ts';
import { describeMachine, describeSource } from './machine.ts';
import { tableText } from './performance-table.ts';
import { reads } from './reads.ts';
import { type Kept, keptText } from './results-file.ts';
import { resultsOf, type Sample } from './rows.ts';
import { streams } from './streams.ts';
import { startDatabase } from './throwaway-database.ts';

const GROUPS: readonly Group[] = [engineLatency, engineLoops, engineRates, apiStarts, streams, reads, disk, instance, coldStart];
const FULL_ROUNDS = 5;
const QUICK_ROUNDS = 2;
const HELP = `npm run bench -- [--quick] [--only a,b] [--rounds n]

  --quick     a third of the work and ${QUICK_ROUNDS} rounds instead of ${FULL_ROUNDS}: about three minutes
  --only      of ${GROUPS.map((group) => group.name).join(', ')} (or BENCH_ONLY); cold runs only when it is named
  --rounds    how often each is measured, in turns

node bench/report.ts <results file> …   writes docs/performance.md and its chart from kept results`;

/**
 * `npm run bench`: measures on a throw-away database with the settings of a real one (every commit on the disk). The groups
 * take turns, round after round, so that a machine that gets slower does so for all of them; each figure stands beside what
 * the machine itself could do in the same round. Whatever was started is counted in the database before a figure counts.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const groups = chosen(values.only ?? process.env.BENCH_ONLY);
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : FULL_ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1');
  const began = new Date();
  const database = await startDatabase();
  // The database is no child that ends with us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void database.remove().finally(() => process.exit(130)));
  try {
    const bench: Bench = { database, quick: values.quick };
    const about = { at: began.toISOString(), source: describeSource(), machine: await describeMachine() };
    const samples: Sample[] = [];
    let file = '';
    for (let round = 1; round <= rounds; round++) {
      samples.push(...(await measure(bench, groups, `round ${round} of ${rounds}`)));
      // After each round: what is there when somebody has waited long enough counts.
      const seconds = Math.round((Date.now() - began.getTime()) / 1000);
      file = await keep({ ...about, mode: values.quick ? 'quick' : 'full', rounds: round, seconds, samples });
    }
    console.log(`\n${tableText(resultsOf(samples))}\n\nKept in ${file}`);
  } finally {
    await database.remove();
  }
}

function chosen(only: string | undefined): readonly Group[] {
  if (only === undefined || only === '') return GROUPS.filter((group) => group !== coldStart);
  return only.split(',').map((name) => {
    const group = GROUPS.find((one) => one.name === name.trim());
    if (group === undefined) throw new Error(`There is no '${name}'; choose of ${GROUPS.map((one) => one.name).join(', ')}`);
    return group;
  });
}

async function measure(bench: Bench, groups: readonly Group[], round: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const group of groups) {
    const began = Date.now();
    samples.push(...(await group.round(bench)));
    console.log(`${round}: ${group.title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
  return samples;
}

async function keep(kept: Kept): Promise<string> {
  const file = join(import.meta.dirname, 'results', `${kept.at.replaceAll(':', '-')}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, keptText(kept));
  return file;
}

await main();
