import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import type { StepOutcome } from '../executor.ts';
import { testContext } from '../test-context.ts';
import type { ScriptConfig } from './definition.ts';
import { executeScript } from './execute.ts';

type Language = ScriptConfig['language'];

async function run(language: Language, code: string, more: Partial<ScriptConfig> = {}, context = testContext()): Promise<StepOutcome> {
  return await executeScript({ language, code, ...more }, context);
}
async function output(language: Language, code: string, more: Partial<ScriptConfig> = {}): Promise<Json> {
  const outcome = await run(language, code, more);
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.output;
}
/** A process that has ended and that nobody has waited for yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** How many processes of a group are alive. */
function groupSize(group: number): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !isAlive(Number(name))) return false;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]) === group;
    } catch {
      return false;
    }
  }).length;
}

describe('input and output', { timeout: 30_000 }, () => {
  test.each<[Language, string]>([
    ['python', 'import json, sys\nd = json.load(sys.stdin)\nprint(json.dumps({"hi": d["input"]["name"], "n": d["args"]["n"]}))'],
    [
      'javascript',
      'import { readFileSync } from "node:fs";\nconst d = JSON.parse(readFileSync(0, "utf8"));\nconsole.log(JSON.stringify({ hi: d.input.name, n: d.args.n }));',
    ],
    ['shell', 'read -r line; case "$line" in *Ada*) echo "{\\"hi\\": \\"Ada\\", \\"n\\": 2}";; esac'],
  ])('checklist #33: %s reads JSON on stdin and prints JSON', async (language, code) => {
    expect(await output(language, code, { args: { n: 2 } })).toEqual({ hi: 'Ada', n: 2 });
  });

  test('what is no JSON is text, nothing is null', async () => {
    expect(await output('shell', 'echo hello; echo "  world"')).toBe('hello\n  world');
    expect(await output('shell', 'true')).toBeNull();
    expect(await output('shell', 'echo 42')).toBe(42);
  });

  test('garbage bytes, NUL and lone surrogates are replaced', async () => {
    expect(await output('shell', "printf 'a\\000b\\377c'")).toBe('a\uFFFDb\uFFFDc');
    expect(await output('shell', `echo '{"k\\u0000": "\\ud800x"}'`)).toEqual({ 'k\uFFFD': '\uFFFDx' });
  });

  test('the code is not interpolated and the environment is cleared', async () => {
    process.env.WEFTLINE_TEST_SECRET = 'leak';
    expect(await output('shell', "echo '{{ input.name }}'")).toBe('{{ input.name }}');
    const names = (await output('shell', 'env | cut -d= -f1 | sort | tr "\\n" " "', { env: { MODE: 'fast', N: 3 } })) as string;
    expect(
      names
        .trim()
        .split(' ')
        .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
    ).toEqual(['HOME', 'LANG', 'MODE', 'N', 'PATH', 'PYTHONUNBUFFERED', 'TMPDIR']);
    delete process.env.WEFTLINE_TEST_SECRET;
  });

  test('it works in an empty folder of its own that is gone afterwards', async () => {
    const folder = (await output('shell', 'touch left-behind; pwd')) as string;
    expect(folder.startsWith(tmpdir())).toBe(true);
    expect(readdirSync(tmpdir())).not.toContain(folder.split('/').at(-1));
  });

  test('stderr is the log, line by line', async () => {
    const context = testContext();
    await run('shell', 'echo one >&2; printf "two\\nthr" >&2; printf "ee" >&2', {}, context);
    expect(context.lines).toEqual(['one', 'two', 'three']);
  });
});

describe('failures', { timeout: 30_000 }, () => {
  test('checklist #33: an exit code fails the step with the end of the log', async () => {
    expect(await run('shell', 'echo partial; echo first >&2; echo "disk full" >&2; exit 3')).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: {
        code: 'SCRIPT_EXIT',
        message: 'The script ended with exit code 3: disk full',
        data: { exit_code: 3, stderr: 'first\ndisk full', stdout: 'partial\n' },
      },
    });
    expect(await run('python', 'raise ValueError("no")')).toMatchObject({
      error: { code: 'SCRIPT_EXIT', message: 'The script ended with exit code 1: ValueError: no' },
    });
    expect(await run('shell', 'kill -9 $$')).toMatchObject({
      error: { message: 'The script was ended by SIGKILL', data: { signal: 'SIGKILL' } },
    });
  });

  test('too much output ends it', async () => {
    expect(await run('shell', 'yes')).toMatchObject({ kind: 'failed', error: { code: 'SCRIPT_OUTPUT_TOO_LARGE' } });
  });

  test('too much log is cut, and does not fail it', async () => {
    const context = testContext();
    const outcome = await run('shell', 'head -c 2000000 /dev/zero | tr "\\0" "x" >&2; echo done', {}, context);
    expect(outcome).toMatchObject({ kind: 'completed', output: 'done' });
    expect(context.lines.join('').length).toBeLessThan(270_000);
    expect(context.lines.at(-1)).toContain('dropped');
  });

  // The forks are counted: what a bomb without an end does to the machine of whoever runs the tests is no test's business.
  test('a script that forks on and on is stopped and nothing of it stays', async () => {
    const context = testContext();
    const forks = 'echo $$ >&2; i=0; while [ $i -lt 300 ]; do sleep 20 & i=$((i+1)); done; sleep 20';
    const outcome = await run('shell', forks, { max_processes: 40 }, context);
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: false,
      error: { code: 'SCRIPT_TOO_MANY_PROCESSES', message: 'The script ran more than 40 processes at a time' },
    });
    await expect.poll(() => groupSize(Number(context.lines[0]))).toBe(0);
  });

  test('a disk that is filled by one file, and by many, is a clear error', async () => {
    const one = await run('shell', 'head -c 20000000 /dev/zero > large; echo still here', { disk_mb: 4 });
    expect(one).toMatchObject({ kind: 'completed', output: 'still here' });
    const whole = await run('shell', 'exec head -c 20000000 /dev/zero > large', { disk_mb: 4 });
    expect(whole).toMatchObject({ kind: 'failed', error: { code: 'SCRIPT_DISK_FULL', message: 'The script wrote more than 4 MB' } });
    const many = await run('shell', 'i=0; while true; do i=$((i+1)); head -c 1000000 /dev/urandom > f$i; done', { disk_mb: 8 });
    expect(many).toMatchObject({ kind: 'failed', retryable: false, error: { code: 'SCRIPT_DISK_FULL' } });
  });

  test('too much memory fails it', async () => {
    expect(await run('python', 'x = bytearray(400 * 1024 * 1024)', { memory_mb: 128 })).toMatchObject({
      error: { code: 'SCRIPT_EXIT', message: expect.stringContaining('MemoryError') },
    });
  });

  test('a script that does not read its input, and a large input, are fine', async () => {
    const context = testContext({ scope: { input: 'x'.repeat(2_000_000), args: {}, steps: {} } });
    expect(await run('shell', 'echo ok', {}, context)).toMatchObject({ output: 'ok' });
    expect(await run('shell', 'wc -c', {}, context)).toMatchObject({ kind: 'completed' });
  });
});

describe('files', { timeout: 30_000 }, () => {
  test('that the script leaves are handed on', async () => {
    const code = 'printf hello > a.txt; mkdir sub; printf "\\000\\377" > sub/b.bin; echo 7';
    expect(await output('shell', code, { files_out: ['a.txt', 'sub/b.bin'] })).toEqual({
      result: 7,
      files: {
        'a.txt': { media_type: 'text/plain', size: 5, base64: 'aGVsbG8=' },
        'sub/b.bin': { media_type: 'application/octet-stream', size: 2, base64: 'AP8=' },
      },
    });
  });

  test.each([
    ['is missing', 'true', 'a.txt'],
    ['is a link', 'ln -s /etc/passwd a.txt', 'a.txt'],
    ['lies behind a link', 'ln -s /etc sub', 'sub/passwd'],
    ['lies outside', 'true', '../../etc/passwd'],
    ['is a folder', 'mkdir a.txt', 'a.txt'],
    ['is a pipe', 'mkfifo a.txt', 'a.txt'],
  ])('one that %s is refused', async (_what, code, name) => {
    expect(await run('shell', code, { files_out: [name] })).toMatchObject({ kind: 'failed', error: { code: 'SCRIPT_FILE_MISSING' } });
  });

  test('too much of them is refused', async () => {
    expect(await run('shell', 'head -c 800000 /dev/zero > a', { files_out: ['a'] })).toMatchObject({
      error: { code: 'SCRIPT_FILES_TOO_LARGE' },
    });
  });
});

describe('stopping', { timeout: 30_000 }, () => {
  test('an abort ends the whole group, also a process that ignores SIGTERM', async () => {
    const context = testContext();
    const started = performance.now();
    const running = run('shell', 'trap "" TERM; (trap "" TERM; sleep 60) & echo $! >&2; echo $$ >&2; wait; sleep 60', {}, context);
    while (context.lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    context.abort();
    expect(await running).toMatchObject({ kind: 'failed', retryable: false, error: { code: 'STEP_ABORTED' } });
    expect(performance.now() - started).toBeLessThan(15_000);
    await expect.poll(() => context.lines.map((pid) => isAlive(Number(pid)))).toEqual([false, false]);
  });

  test('what it leaves in the background does not hold the step and does not stay', async () => {
    const context = testContext();
    const started = performance.now();
    expect(await run('shell', 'sleep 60 & echo $! >&2; echo done', {}, context)).toMatchObject({ output: 'done' });
    expect(performance.now() - started).toBeLessThan(15_000);
    await expect.poll(() => isAlive(Number(context.lines[0]))).toBe(false);
  });

  test('what it puts into a session of its own does not stay either', async () => {
    const context = testContext();
    const code = 'for folder in "$PWD" /; do (cd "$folder"; setsid sleep 60 >/dev/null 2>&1 </dev/null & echo $! >&2); done';
    expect(await run('shell', code, {}, context)).toMatchObject({ kind: 'completed' });
    expect(context.lines).toHaveLength(2);
    await expect.poll(() => context.lines.some((pid) => isAlive(Number(pid)))).toBe(false);
  });
});
