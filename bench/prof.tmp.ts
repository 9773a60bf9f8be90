import { readdirSync, readFileSync } from 'node:fs';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { chainOf, ended, storeSteps } from '#worker/test-runs.ts';
import { startWorkerProcess, stopWorkerProcess } from './measures.ts';

const steps = Number(process.argv[2]),
  n = Number(process.argv[3]);
function pgCpu() {
  let t = 0;
  for (const p of readdirSync('/proc')) {
    if (!/^\d+$/.test(p)) continue;
    try {
      if (
        !readFileSync(`/proc/${p}/cmdline`, 'utf8').startsWith('postgres') &&
        !readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('/bin/postgres')
      )
        continue;
      if (!require_cwd(p)) continue;
      const s = readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ');
      t += Number(s[11]) + Number(s[12]) + Number(s[13]) + Number(s[14]);
    } catch {}
  }
  return t * 10;
}

import { readlinkSync } from 'node:fs';

function require_cwd(p: string) {
  return readlinkSync(`/proc/${p}/cwd`).includes('/tmp/wk/data');
}
const { start } = await storeSteps(chainOf(steps), { name: 'p' + steps });
const ids: string[] = [];
for (let i = 0; i < n; i += 1000) ids.push(...(await start(1000)));
const c0 = pgCpu();
const t0 = performance.now();
const w = await startWorkerProcess();
const cw0: any = await new Promise((r) => {
  w.once('message', r);
  w.send('counters');
});
const c1 = pgCpu();
await ended(ids.slice(-1), 100000, 50);
await ended(ids, 100000, 250);
const t = performance.now() - t0;
const counters: any = await new Promise((r) => {
  w.on('message', r);
  w.send('counters');
});
console.log({
  sinceReadyWorkerUs: Math.round((counters.cpu.user + counters.cpu.system - cw0.cpu.user - cw0.cpu.system) / n / steps),
  sinceReadyPgUs: Math.round(((pgCpu() - c1) * 1000) / n / steps),
  millis: Math.round(t),
  runsPerSec: Math.round((n / t) * 1000),
  stepsPerSec: Math.round(((n * steps) / t) * 1000),
  flushes: counters.flushes,
  workerCpuUsPerRun: Math.round((counters.cpu.user + counters.cpu.system) / n),
  pgCpuUsPerRun: Math.round(((pgCpu() - c0) * 1000) / n),
});
await stopWorkerProcess(w);
await stopListening();
await disconnect();
