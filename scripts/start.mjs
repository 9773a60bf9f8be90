// @ts-check
/**
 * `npm start` and `npm run dev`. This file is the part that must run on whatever Node the machine has: it installs, then
 * hands over to scripts/launch.mjs on the pinned Node. Everything else is loaded after the version is known to be enough.
 */
import { spawn } from 'node:child_process';

const NEEDED = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === NEEDED[0] && minor < (NEEDED[1] ?? 0))) {
  console.error(
    `Weftline needs Node ${NEEDED.join('.')} or newer to start and this is ${process.versions.node}; install a newer one from nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  const development = process.argv.includes('--dev');
  try {
    await main(development);
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/** @param {boolean} development */
async function main(development) {
  const started = Date.now();
  const { install, isInstalled, pinnedNode, toolEnvironment } = await import('./install.mjs');
  const { bold, phase, say } = await import('./output.mjs');
  say(bold('Weftline'));
  if (!isInstalled({ development })) await phase('install packages', () => install({ development }));
  const { realpathSync } = await import('node:fs');
  const node = pinnedNode();
  if (realpathSync(node) === realpathSync(process.execPath)) {
    Object.assign(process.env, toolEnvironment());
    const { launch } = await import('./launch.mjs');
    await launch({ development, started });
    return;
  }
  const env = { ...toolEnvironment(), WEFTLINE_BOOTSTRAP: String(process.pid), WEFTLINE_STARTED: String(started) };
  const file = new URL('./launch.mjs', import.meta.url).pathname;
  const child = spawn(node, [file, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // A terminal gives Ctrl-C to the child too, a program that stops us does not; the child knows one key press when it comes twice.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  await new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 130);
      resolve(undefined);
    });
  });
}
