import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '#lib/base/json.ts';
import { cleanJson, cleanText } from '../clean-json.ts';
import type { StepContext, StepExecutor, StepOutcome } from '../executor.ts';
import { excerpt, failed, MAX_OUTPUT_BYTES } from '../outgoing.ts';
import type { ScriptConfig } from './definition.ts';
import { FileOutError, readFilesOut } from './files-out.ts';
import { findInterpreter, type Interpreter, SCRIPT_PATH } from './interpreter.ts';
import { LineReader } from './lines.ts';
import { type ProcessResult, runProcess } from './process.ts';
import type { WatchLimits } from './watch.ts';

const DEFAULT_MEMORY_MB = 512;
const DEFAULT_DISK_MB = 256;
const DEFAULT_PROCESSES = 128;
const MAX_STDERR_BYTES = 256 * 1024;
/** Lines of stderr that are kept with an error. */
const TAIL_LINES = 20;

/** Runs the script in a folder of its own and gives what it printed. */
export const executeScript: StepExecutor<ScriptConfig> = async (config, context) => {
  const memoryMb = config.memory_mb ?? DEFAULT_MEMORY_MB;
  const limits = { processes: config.max_processes ?? DEFAULT_PROCESSES, diskBytes: (config.disk_mb ?? DEFAULT_DISK_MB) * 1024 * 1024 };
  const interpreter = await findInterpreter(config.language, memoryMb, limits.diskBytes);
  if (interpreter === null) {
    return failed('SCRIPT_UNAVAILABLE', `This worker has no ${config.language} interpreter; install one, or use another language`, false);
  }
  const folder = await mkdtemp(join(tmpdir(), 'weftline-script-'));
  try {
    return await runIn(folder, interpreter, config, limits, context);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
};

async function runIn(
  folder: string,
  interpreter: Interpreter,
  config: ScriptConfig,
  limits: WatchLimits,
  context: StepContext,
): Promise<StepOutcome> {
  const file = join(folder, interpreter.fileName);
  await writeFile(file, config.code.toWellFormed(), { mode: 0o600 });
  const tail: string[] = [];
  const lines = new LineReader((line) => {
    context.log(line);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  });
  const [command = interpreter.command, ...args] = [...interpreter.wrapper, interpreter.command, ...interpreter.args, file];
  const { input, args: fromSteps, steps, item, index, outer } = context.scope;
  const fixed = config.args ?? {};
  const merged = typeof fromSteps === 'object' && fromSteps !== null && !Array.isArray(fromSteps) ? { ...fromSteps, ...fixed } : fixed;
  try {
    const result = await runProcess({
      command,
      args,
      cwd: folder,
      env: environment(folder, config),
      stdin: JSON.stringify({ input, args: merged, steps, item, index, outer }),
      limits,
      signal: context.signal,
      maxStdout: MAX_OUTPUT_BYTES,
      maxStderr: MAX_STDERR_BYTES,
      onStderr: (chunk) => lines.push(chunk),
    });
    lines.end();
    if (result.stderrCut) context.log(`… more than ${MAX_STDERR_BYTES} bytes of log; the rest is dropped`);
    const outcome = outcomeOf(result, tail, limits, context);
    if (config.files_out === undefined || outcome.kind !== 'completed') return outcome;
    return { kind: 'completed', output: { result: outcome.output, files: await readFilesOut(folder, config.files_out) } };
  } catch (thrown) {
    if (thrown instanceof FileOutError) return failed(thrown.code, thrown.message, false);
    return failed(
      'SCRIPT_UNAVAILABLE',
      `The script could not be started: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      true,
    );
  }
}

function environment(folder: string, config: ScriptConfig): Record<string, string> {
  const env: Record<string, string> = { PATH: SCRIPT_PATH, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' };
  for (const [name, value] of Object.entries(config.env ?? {})) env[name] = String(value).replaceAll('\u0000', '');
  return env;
}

function outcomeOf(result: ProcessResult, tail: readonly string[], limits: WatchLimits, context: StepContext): StepOutcome {
  const stderr = tail.join('\n');
  if (result.stdoutTooLarge) {
    return failed('SCRIPT_OUTPUT_TOO_LARGE', `The script printed more than ${MAX_OUTPUT_BYTES} bytes`, false, { stderr });
  }
  if (result.excess === 'processes') {
    return failed('SCRIPT_TOO_MANY_PROCESSES', `The script ran more than ${limits.processes} processes at a time`, false, { stderr });
  }
  if (result.excess === 'disk' || result.signalName === 'SIGXFSZ') {
    return failed('SCRIPT_DISK_FULL', `The script wrote more than ${limits.diskBytes / 1024 / 1024} MB`, false, { stderr });
  }
  if (context.signal.aborted) return failed('STEP_ABORTED', 'The script was stopped', false, { stderr });
  if (result.code === 0) return { kind: 'completed', output: readOutput(result.stdout) };
  const last = tail.findLast((line) => line.trim() !== '');
  const how = result.code === null ? `was ended by ${result.signalName ?? 'a signal'}` : `ended with exit code ${result.code}`;
  const data = { exit_code: result.code, signal: result.signalName, stderr: excerpt(stderr), stdout: excerpt(decode(result.stdout)) };
  return failed('SCRIPT_EXIT', last === undefined ? `The script ${how}` : `The script ${how}: ${last.slice(0, 500)}`, true, data);
}

/** JSON where it is JSON, else the text without its last line break; null where nothing was printed. */
function readOutput(stdout: Buffer): Json {
  const text = decode(stdout);
  const trimmed = text.trim();
  if (trimmed === '') return null;
  try {
    return cleanJson(JSON.parse(trimmed) as Json);
  } catch {
    return text.replace(/\r?\n$/, '');
  }
}

/** Bytes that are no UTF-8, and NUL, become U+FFFD. */
function decode(bytes: Buffer): string {
  return cleanText(new TextDecoder().decode(bytes));
}
