import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** For each room: imports that must be refused and one that must pass. The layers are drawn in docs/architecture.md. */
const ROOMS: Record<string, { refused: string[]; allowed: string }> = {
  'lib/base': { refused: ['#lib/workflow/graph.ts', '../db/client.ts', 'node:fs', 'react'], allowed: 'zod' },
  'lib/workflow': {
    refused: ['#lib/steps/catalog.ts', '#lib/engine/events.ts', '../db/client.ts', 'node:fs'],
    allowed: '#lib/base/json.ts',
  },
  'lib/engine': { refused: ['#lib/steps/catalog.ts', '../steps/catalog.ts', 'node:timers'], allowed: '#lib/workflow/graph.ts' },
  'lib/steps/wait': { refused: ['#lib/db/client.ts', '#lib/contracts/runs.ts', '../../db/client.ts', 'react'], allowed: '../card-line.ts' },
  'lib/contracts': {
    refused: ['#lib/db/client.ts', '#lib/steps/wait/execute.ts', 'hono', 'node:crypto'],
    allowed: '#lib/engine/events.ts',
  },
  'lib/templates': { refused: ['#lib/db/client.ts', '#lib/contracts/runs.ts', 'pg'], allowed: '#lib/steps/catalog.ts' },
  'lib/compat/cloudflare': { refused: ['#lib/server/start-run.ts', '#lib/db/client.ts'], allowed: '#lib/contracts/runs.ts' },
  'lib/db': {
    refused: ['#lib/server/start-run.ts', '#lib/http/api.ts', '#lib/steps/executors.ts', 'react'],
    allowed: '#lib/engine/events.ts',
  },
  'lib/auth': { refused: ['#lib/http/api.ts', '#lib/client/request.ts', '#lib/steps/catalog.ts'], allowed: '#lib/db/client.ts' },
  'lib/server': { refused: ['#lib/http/api.ts', '#lib/steps/executors.ts', 'hono', 'next/headers'], allowed: '#lib/db/client.ts' },
  'lib/http': { refused: ['#lib/db/client.ts', '#lib/client/request.ts', '../db/client.ts', 'next'], allowed: '#lib/server/start-run.ts' },
  'lib/client': { refused: ['#lib/db/client.ts', '#lib/server/start-run.ts', 'node:fs', 'pg'], allowed: '#lib/contracts/runs.ts' },
  'lib/sdk': {
    refused: [
      '#lib/engine/events.ts',
      '#lib/db/client.ts',
      '#lib/server/start-run.ts',
      '../client/request.ts',
      '#lib/steps/executors.ts',
      'pg',
    ],
    allowed: '#lib/contracts/runs.ts',
  },
  'components/graph': {
    refused: ['#lib/db/client.ts', '#lib/http/api.ts', '../../lib/db/client.ts', '#lib/steps/wait/execute.ts', 'node:fs'],
    allowed: '../editor/store.ts',
  },
  'app/workflows': {
    refused: ['#lib/db/client.ts', '#lib/server/start-run.ts', '../../lib/db/client.ts'],
    allowed: '#components/shell/page.tsx',
  },
  'app/api': { refused: ['#lib/db/client.ts', '#components/shell/page.tsx', '#lib/server/start-run.ts'], allowed: '#lib/http/api.ts' },
  server: { refused: ['#lib/db/client.ts', '#worker/main.ts', '../lib/db/client.ts'], allowed: '#lib/http/api.ts' },
  worker: { refused: ['#lib/http/api.ts', '#lib/client/request.ts', 'hono', 'next', '../lib/http/api.ts'], allowed: '#lib/db/client.ts' },
};
const PROJECT = dirname(import.meta.dirname);
let copy = '';
let findings = new Map<string, number[]>();

/** Plants every import of the table into a file of its room in an otherwise empty copy, and lets Biome look once. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'weftline-rooms-'));
  copyFileSync(join(PROJECT, 'biome.json'), join(copy, 'biome.json'));
  writeFileSync(join(copy, '.gitignore'), 'node_modules/\n');
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  for (const [room, { refused, allowed }] of Object.entries(ROOMS)) {
    mkdirSync(join(copy, room), { recursive: true });
    const imports = [...refused, allowed].map((name, line) => `import * as name${line} from '${name}';`);
    const uses = imports.map((_, line) => `name${line}`).join(', ');
    writeFileSync(join(copy, room, 'planted.ts'), `${imports.join('\n')}\nexport const used = [${uses}];\n`);
  }
  const biome = join(PROJECT, 'node_modules', '.bin', 'biome');
  const result = spawnSync(biome, ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '--reporter=github', '.'], {
    cwd: copy,
    encoding: 'utf8',
  });
  findings = new Map();
  for (const match of result.stdout.matchAll(/file=([^,]+),line=(\d+)/g)) {
    const [, file = '', line = ''] = match;
    const room = relative(copy, dirname(resolve(copy, file)));
    findings.set(room, [...(findings.get(room) ?? []), Number(line)]);
  }
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe.each(Object.entries(ROOMS))('%s', (room, { refused, allowed }) => {
  it.each(refused.map((name, index) => [name, index + 1] as const))('may not import %s', (_name, line) => {
    expect(findings.get(room) ?? []).toContain(line);
  });
  it(`may import ${allowed}`, () => {
    expect(findings.get(room) ?? []).not.toContain(refused.length + 1);
  });
});
