import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TrialReport } from './main.ts';
import { spawnInNamespaces } from './namespaces.ts';

/** Runs the trial in namespaces of its own, with the pages of a build folder; what it does is told on standard error. */
export async function runTrial(buildFolder: string): Promise<TrialReport> {
  const env: NodeJS.ProcessEnv = { ...process.env, NEXT_DIST_DIR: buildFolder };
  for (const name of Object.keys(env)) if (name.startsWith('WEFTLINE_') || name === 'DATABASE_URL') delete env[name];
  const child = spawnInNamespaces(process.execPath, [join(import.meta.dirname, 'main.ts')], env);
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  try {
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    if (output.trim() === '') throw new Error('The trial ended without a report.');
    return JSON.parse(output) as TrialReport;
  } finally {
    process.removeListener('exit', stop);
    stop();
  }
}
