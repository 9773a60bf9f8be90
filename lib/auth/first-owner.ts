import { type Env, readEnv } from '#lib/base/env.ts';
import { createLog } from '#lib/base/log.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';
import { insertKey, keyExists } from '#lib/db/keys.ts';
import { ensureDefaultWorkspace, hasOwner, insertOwner, whileAloneInSetUp } from '#lib/db/owner.ts';
import { hashApiKey, shownPrefix } from './api-key.ts';
import { auth } from './auth.ts';

const log = createLog({ part: 'auth' });

/**
 * Called once when the web process starts. `WEFTLINE_OWNER_EMAIL` and `WEFTLINE_OWNER_PASSWORD` (always together) make
 * the owner where nobody can sign in yet; `WEFTLINE_API_KEY` makes a key with every scope, with them or alone. Alone it
 * makes the workspace `default` without a person: the first visitor still becomes its owner at `/setup`.
 * Repeating it changes nothing; a key that was revoked stays revoked. Throws one sentence where a variable is missing.
 */
export async function createFirstOwner(env: Env = readEnv()): Promise<void> {
  // A missing secret is said now, not at the first sign-in.
  const signIn = auth();
  const owner = ownerOf(env);
  const key = env.WEFTLINE_API_KEY;
  if (owner === null && key === undefined) return;
  if ((owner === null || (await hasOwner())) && (key === undefined || (await keyExists(hashApiKey(key))))) return;
  const passwordHash = owner === null ? '' : await (await signIn.$context).password.hash(owner.password);
  await whileAloneInSetUp(async (client) => {
    const workspaceUuid = await ensureDefaultWorkspace(client, 'Default');
    if (owner !== null && !(await hasOwner(client))) {
      await insertOwner(client, { name: owner.email.split('@')[0] ?? owner.email, email: owner.email, passwordHash, workspaceUuid });
      log.info('owner created', { email: owner.email });
    }
    if (key !== undefined && !(await keyExists(hashApiKey(key), client))) {
      await insertKey(
        {
          workspaceUuid,
          name: 'WEFTLINE_API_KEY',
          prefix: shownPrefix(key),
          hash: hashApiKey(key),
          scopes: PERMISSIONS,
          createdBy: 'Environment',
          expiresAt: null,
        },
        client,
      );
      log.info('API key of the environment stored', { prefix: shownPrefix(key) });
    }
  });
}

function ownerOf(env: Env): { email: string; password: string } | null {
  const { WEFTLINE_OWNER_EMAIL: email, WEFTLINE_OWNER_PASSWORD: password } = env;
  if (email !== undefined && password !== undefined) return { email, password };
  if (email === undefined && password === undefined) return null;
  const [given, missing] = email === undefined ? ['PASSWORD', 'EMAIL'] : ['EMAIL', 'PASSWORD'];
  throw new Error(`WEFTLINE_OWNER_${given} is set without WEFTLINE_OWNER_${missing}: set both to create the owner, or neither.`);
}
