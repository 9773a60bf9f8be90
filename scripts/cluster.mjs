// @ts-check
/**
 * `npm run cluster`: two web processes, four workers and one PostgreSQL, each in a network namespace of its own, under load
 * while cables are pulled and processes killed; tells what it does and holds the result against what Weftline promises.
 */
import { namespacesRefused } from '../bench/cluster/namespaces.ts';
import { runTrial } from '../bench/cluster/run-trial.ts';
import { buildFolder, buildPages, staleBuild } from './build.mjs';
import { ensurePrismaClient } from './generate.mjs';
import { bold, green, phase, red, say } from './output.mjs';

const refused = await namespacesRefused();
if (refused !== null) {
  say(`Nothing was tried. ${refused}`);
} else {
  await ensurePrismaClient();
  const stale = await staleBuild();
  if (stale) await phase('build the pages', () => buildPages(stale));
  const { broken, faults, counts, streams, footprint, seconds } = await runTrial(buildFolder());
  say(bold(`\nafter ${seconds.toFixed(1)} s`));
  say(
    `  ${counts.accepted} starts accepted, ${counts.runs} runs, ${counts.requests} side effects, ${counts.repeated} of them again under the same key`,
  );
  say(`  ${counts.fires} due times of schedules`);
  say(
    `  streams: ${streams.readers} readers over ${streams.connections} connections; a step's end is seen after ${streams.p50} ms (p50), ${streams.p99} ms (p99)`,
  );
  say(`  bad line: ${faults.badLine}`);
  for (const { how, runs, millis } of faults.takeOvers) say(`  ${how}: ${runs} runs taken over after ${(millis / 1000).toFixed(1)} s`);
  say(`  the worker that was cut off ended with ${faults.fenced}, ${(faults.fencedAfter / 1000).toFixed(1)} s after it was back`);
  for (const [when, roles] of Object.entries(footprint))
    for (const [role, { memory, connections }] of Object.entries(roles))
      say(`  ${role}, ${when}: ${memory} MB, ${connections} connections`);
  const faulty = Object.entries(broken).filter(([, list]) => list.length > 0);
  for (const [promise, list] of faulty)
    say(red(`  ✗ ${promise}: ${list.slice(0, 10).join('; ')}${list.length > 10 ? ` and ${list.length - 10} more` : ''}`));
  if (faulty.length === 0) say(green('  ✓ every promise was kept'));
  else process.exitCode = 1;
}
