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

  --quick     a third of the work and ${QUICK_ROUNDS} rounds instead of ${FULL_ROUNDS}: under two minutes
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
  const began = Date.now();
  const database = await startDatabase();
  try {
    const bench: Bench = { database, quick: values.quick };
    const machine = await describeMachine();
    const samples = await measure(bench, groups, rounds);
    const kept: Kept = {
      at: new Date().toISOString(),
      source: describeSource(),
      machine,
      mode: values.quick ? 'quick' : 'full',
      rounds,
      seconds: Math.round((Date.now() - began) / 1000),
      samples,
    };
    console.log(`\n${tableText(resultsOf(samples))}`);
    console.log(`\nKept in ${await keep(kept)} after ${kept.seconds} s`);
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

async function measure(bench: Bench, groups: readonly Group[], rounds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const group of groups) {
      const began = Date.now();
      samples.push(...(await group.round(bench)));
      console.log(`round ${round} of ${rounds}: ${group.title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    }
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
