// @ts-check
/** `prisma generate`, only when the schema, the configuration or the generator's version changed since the last time. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashOf, PROJECT, readStamp, writeStamp } from './stamps.mjs';

const run = promisify(execFile);

/** Throws an Error that carries Prisma's own text. @returns {Promise<boolean>} whether it had to be made */
export async function ensurePrismaClient() {
  const schema = join(PROJECT, 'prisma', 'schema.prisma');
  if (!existsSync(schema)) return false;
  const hash = await hashOf(['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json']);
  if (existsSync(join(PROJECT, 'lib/db/generated/client.ts')) && (await readStamp('prisma-client')) === hash) return false;
  const tool = join(PROJECT, 'node_modules', 'prisma', 'build', 'index.js');
  const env = { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' };
  try {
    await run(process.execPath, [tool, 'generate', '--no-hints'], { cwd: PROJECT, env });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`The database client could not be generated: ${(stderr || stdout || String(error)).trim()}`);
  }
  await writeStamp('prisma-client', hash);
  return true;
}
