// @ts-check
/** For commands that a person starts on whatever Node there is: installs what is missing, then goes on in the pinned one. */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install, isInstalled, pinnedNode, toolEnvironment } from './install.mjs';
import { phase } from './output.mjs';

/**
 * @param {string} url the command's own `import.meta.url`
 * @param {() => Promise<void>} work done by the pinned Node; its Error is one sentence for people
 */
export async function onPinnedNode(url, work) {
  try {
    if (!isInstalled({ development: false })) await phase('install packages', () => install({ development: false }));
    const node = pinnedNode();
    if (realpathSync(node) === realpathSync(process.execPath)) return await work();
    const child = spawn(node, [fileURLToPath(url), ...process.argv.slice(2)], { stdio: 'inherit', env: toolEnvironment() });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
    await new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        process.exitCode = code ?? (signal === null ? 1 : 130);
        resolve(undefined);
      });
    });
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
