import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = dirname(import.meta.dirname);
const ROOMS = ['app', 'bench', 'components', 'e2e', 'lib', 'scripts', 'server', 'worker'];
const FILE_LINES = 300;
const COMPONENT_LINES = 150;
const ROUTE_LINES = 15;
/** Colors come from the tokens of app/globals.css, so that both themes stay whole. */
const RAW_COLOR = /(#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\()/i;
/** Where a number sign is no color: imports of our own rooms, links within a page, private names. */
const NO_COLOR = /['"`]#(?:lib|components|worker|server|scripts|package)\b|href=|this\.#|url\(#/;

function filesOf(room: string): string[] {
  return readdirSync(join(PROJECT, room), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .filter((file) => !file.startsWith('lib/db/generated/'));
}

function limitOf(file: string): number {
  if (/^app\/.*route\.ts$/.test(file)) return ROUTE_LINES;
  // Tests grow by cases, not by thought; a table of them is easier to read whole.
  if (/\.test\.tsx?$/.test(file) || file.startsWith('e2e/')) return Number.POSITIVE_INFINITY;
  return file.endsWith('.tsx') ? COMPONENT_LINES : FILE_LINES;
}

const files = ROOMS.flatMap(filesOf);
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');

it('keeps files short: 300 lines, components 150, routes 15', () => {
  const long = files.filter((file) => !file.endsWith('.css')).map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
  expect(long.filter(({ file, lines }) => lines > limitOf(file)).map(({ file, lines }) => `${file}: ${lines}`)).toEqual([]);
});

it('takes colors from the tokens alone', () => {
  const shown = files.filter((file) => /^(app|components)\//.test(file) && file !== 'app/globals.css' && !file.includes('.test.'));
  const raw = shown.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (RAW_COLOR.test(line) && !NO_COLOR.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
  expect(raw).toEqual([]);
});

it('has no drawers and no barrels', () => {
  expect(files.filter((file) => /(^|\/)(utils?|helpers?|types|index|common|misc)\.tsx?$/.test(file))).toEqual([]);
});
