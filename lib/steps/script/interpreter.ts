import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ScriptConfig } from './definition.ts';

/** How a language is run on this machine. */
export interface Interpreter {
  readonly command: string;
  /** Before the file. */
  readonly args: readonly string[];
  readonly fileName: string;
  /** Limits of the operating system that go around it; empty where `prlimit` is missing. */
  readonly wrapper: readonly string[];
}

const CANDIDATES: Readonly<Record<ScriptConfig['language'], readonly string[]>> = {
  shell: ['/bin/bash', '/usr/bin/bash', 'bash', '/bin/sh'],
  python: ['/usr/bin/python3', 'python3'],
  javascript: [process.execPath],
};
const FILE_NAMES: Readonly<Record<ScriptConfig['language'], string>> = {
  shell: 'script.sh',
  python: 'script.py',
  javascript: 'script.mjs',
};

/** The PATH that scripts see: that of the machine's own programs, wherever the worker was started from. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const found = new Map<string, Promise<string | null>>();

/** The interpreter of a language with its memory limit, or null where the machine has none. */
export async function findInterpreter(
  language: ScriptConfig['language'],
  memoryMb: number,
  diskBytes: number,
): Promise<Interpreter | null> {
  const command = await firstOf(CANDIDATES[language]);
  if (command === null) return null;
  const prlimit = await firstOf(['/usr/bin/prlimit', 'prlimit']);
  // V8 reserves far more address space than it uses: it has a limit of its own.
  const memory = language === 'javascript' ? [] : [`--as=${memoryMb * 1024 * 1024}`];
  return {
    command,
    args: language === 'javascript' ? [`--max-old-space-size=${memoryMb}`, '--no-warnings'] : [],
    fileName: FILE_NAMES[language],
    wrapper: prlimit === null ? [] : [prlimit, '--core=0', `--fsize=${diskBytes}`, ...memory, '--'],
  };
}

async function firstOf(candidates: readonly string[]): Promise<string | null> {
  for (const candidate of candidates) {
    let known = found.get(candidate);
    if (known === undefined) {
      known = locate(candidate);
      found.set(candidate, known);
    }
    const path = await known;
    if (path !== null) return path;
  }
  return null;
}

async function locate(command: string): Promise<string | null> {
  const places = command.includes('/')
    ? [command]
    : (process.env.PATH ?? SCRIPT_PATH).split(delimiter).map((folder) => join(folder, command));
  for (const place of places) {
    const runs = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return place;
  }
  return null;
}
