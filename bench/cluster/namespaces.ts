import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

/**
 * Network, host name and process namespaces of their own for a whole program and all that it starts. Whatever happens to it,
 * they go with its first process: nothing is left behind, and the network of the machine is never touched.
 */
const run = promisify(execFile);
const OWN = ['--net', '--uts', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** What the trial needs: bridges, pairs of virtual interfaces, and namespaces within namespaces. */
const PROBE = [
  'ip link add probe type bridge',
  'unshare --net --uts sleep 5 & sleep 0.05',
  'ip link add one type veth peer name two netns $!',
  'ip link set one master probe up',
  'kill $!',
].join(' && ');

function unshareArgs(): string[] {
  return process.getuid?.() === 0 ? OWN : ['--user', '--map-root-user', ...OWN];
}

/** Why this machine cannot have them, in a sentence; null where it can. */
export async function namespacesRefused(): Promise<string | null> {
  if (process.platform !== 'linux') return `Network namespaces are Linux's; this is ${process.platform}.`;
  try {
    await run('unshare', [...unshareArgs(), 'sh', '-c', PROBE], { timeout: 10_000 });
    return null;
  } catch (error) {
    const { stderr = '', code, message } = error as { stderr?: string; code?: unknown; message: string };
    const reason = code === 'ENOENT' ? 'unshare (util-linux) is not installed' : stderr.trim().split('\n')[0] || message;
    return `Network namespaces are not permitted here, or ip (iproute2) is missing: ${reason}`;
  }
}

/** Starts a program in them. It should end when its standard input does, so that it does not outlive who started it. */
export function spawnInNamespaces(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn('unshare', [...unshareArgs(), file, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env });
}
