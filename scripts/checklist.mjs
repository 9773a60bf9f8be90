import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Which rows of the feature checklist are named by tests: `npm run checklist` prints all rows, `npm run checklist -- 163-174`
 * a range, and ends with 1 where a row of the range is not named. A test names rows in its title: `checklist #47`,
 * `checklist #47 #48`.
 */
const LAST_ROW = 267;
const ROOMS = ['app', 'bench', 'components', 'e2e', 'lib', 'scripts', 'server', 'worker'];
const SKIPPED = new Set(['node_modules', 'generated']);
const TEST_FILE = /\.(test|spec)\.tsx?$/;

/**
 * Rows by number, each with the places and titles that name it.
 * @param {string} root
 * @returns {Map<number, { file: string, title: string }[]>}
 */
export function findRows(root) {
  const rows = new Map();
  for (const file of ROOMS.flatMap((room) => testFiles(join(root, room)))) {
    for (const { title, numbers } of readTitles(readFileSync(file, 'utf8'))) {
      for (const number of numbers) rows.set(number, [...(rows.get(number) ?? []), { file: relative(root, file), title }]);
    }
  }
  return rows;
}

/**
 * The titles in a test file that name rows, with the rows.
 * @param {string} text
 * @returns {{ title: string, numbers: number[] }[]}
 */
export function readTitles(text) {
  const titles = [];
  for (const [title] of text.matchAll(/checklist (#\d+([-–, ]+)?)+[^'"`\n]*/g)) {
    const named = /^checklist ((?:#\d+(?:[-–, ]+)?)+)/.exec(title)?.[1] ?? '';
    titles.push({ title: title.trim(), numbers: numbersOf(named) });
  }
  return titles;
}

/** `#3 #5-#7` is 3, 5, 6, 7. */
function numbersOf(named) {
  return [...named.matchAll(/#(\d+)(?:[-–]#?(\d+))?/g)].flatMap(([, from, until]) => {
    const last = until === undefined ? Number(from) : Number(until);
    return Array.from({ length: Math.max(0, last - Number(from) + 1) }, (_, index) => Number(from) + index);
  });
}

function testFiles(folder) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : testFiles(join(folder, entry.name));
    return TEST_FILE.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

/** `157-174,200` as numbers; all rows where nothing is asked for. */
export function readRange(text) {
  if (text === undefined) return Array.from({ length: LAST_ROW }, (_, index) => index + 1);
  return numbersOf(text.replaceAll(/\d+/g, '#$&')).filter((number) => number >= 1 && number <= LAST_ROW);
}

function main() {
  const asked = readRange(process.argv[2]);
  const rows = findRows(join(import.meta.dirname, '..'));
  const missing = asked.filter((number) => !rows.has(number));
  for (const number of asked) {
    const named = rows.get(number);
    if (named === undefined) console.log(`  ✗ ${String(number).padStart(3)}`);
    else
      for (const [index, { file, title }] of named.entries())
        console.log(`  ${index === 0 ? `✓ ${String(number).padStart(3)}` : '     '}  ${file}  ${title}`);
  }
  console.log(`\n${asked.length - missing.length} of ${asked.length} rows are named by tests; not named: ${shorten(missing) || 'none'}`);
  process.exitCode = missing.length > 0 && process.argv[2] !== undefined ? 1 : 0;
}

/** 1, 2, 3, 7 as `1-3, 7`. */
function shorten(numbers) {
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, until]) => (from === until ? `${from}` : `${from}-${until}`)).join(', ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
