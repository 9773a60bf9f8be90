// @ts-check
/** `npm run dev`: a change below the pages restarts the process that runs it. Pages and components are Next's own affair. */
import { watch } from 'node:fs';
import { join, sep } from 'node:path';
import { PROJECT } from './stamps.mjs';

const QUIET_MS = 150;
/** Which folders each process runs straight from the sources. */
const ROOMS = /** @type {Record<string, string[]>} */ ({
  web: ['server', 'lib'],
  worker: ['worker', 'lib'],
});

/** @param {import('./supervise.mjs').Supervised[]} children */
export function watchSources(children) {
  const due = new Set();
  let timer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
  for (const room of new Set(Object.values(ROOMS).flat())) {
    watch(join(PROJECT, room), { recursive: true }, (_event, name) => {
      const file = String(name ?? '')
        .split(sep)
        .join('/');
      if (!/\.(ts|json|js|mjs)$/.test(file) || /\.test\.ts$/.test(file) || /^(db\/generated|client)\//.test(file)) return;
      for (const child of children) if (ROOMS[child.role]?.includes(room)) due.add(child);
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const child of due) child.restart();
        due.clear();
      }, QUIET_MS);
    });
  }
}
