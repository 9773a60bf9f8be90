import type { Access } from '#lib/auth/access.ts';
import { readEnv } from '#lib/base/env.ts';
import { AppError } from '#lib/base/errors.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import type { getSigningSecret as contract, rotateSigningSecret as rotateContract } from '#lib/contracts/deliveries.ts';
import { database } from '#lib/db/client.ts';
import { rotateSigning, type SigningState, signingOf } from '#lib/db/signing.ts';
import { audit } from './audit.ts';
import { OVERLAP_MS, signingSecret } from './signing-secret.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/** The secret with which callbacks of the workspace are signed. */
export async function getSigningSecret(access: Access, _input: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  return view(access, await signingOf(workspaceUuid(access)));
}

/** Puts a new secret in force; the one before signs beside it for a day. */
export async function rotateSigningSecret(
  access: Access,
  _input: InputOf<typeof rotateContract>,
): Promise<AnswerOf<typeof rotateContract>> {
  const state = await database().$transaction(async (client) => {
    const rotated = await rotateSigning(client, workspaceUuid(access), new Date());
    await audit(client, access, 'signing_secret.rotated', access.workspaceId);
    return rotated;
  });
  return view(access, state);
}

function view(access: Access, state: SigningState): AnswerOf<typeof contract> {
  const key = readEnv().WEFTLINE_SECRET;
  if (key === undefined) throw new AppError('unavailable', 'This instance has no WEFTLINE_SECRET, so nothing can be signed.');
  const until = state.rotatedAt === null ? null : new Date(state.rotatedAt.getTime() + OVERLAP_MS);
  return {
    secret: signingSecret(key, workspaceUuid(access), state.generation),
    rotated_at: state.rotatedAt?.toISOString() ?? null,
    previous_valid_until: until !== null && until.getTime() > Date.now() ? until.toISOString() : null,
  };
}
