// @ts-check
/** `npm run bench` (or `npm run bench simulation`): prepares what the benchmark imports and runs it under the pinned Node. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePrismaClient } from './generate.mjs';
import { PROJECT } from './stamps.mjs';

await ensurePrismaClient();
const node = join(PROJECT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
const [first, ...rest] = process.argv.slice(2);
const script = first === 'simulation' ? ['simulation.ts', ...rest] : ['main.ts', ...process.argv.slice(2)];
const child = spawn(node, [join(PROJECT, 'bench', script[0] ?? ''), ...script.slice(1)], { stdio: 'inherit', cwd: PROJECT });
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
