import { hkdfSync } from 'node:crypto';
import type { SigningState } from '#lib/db/signing.ts';

/** After a rotation the secret before still signs beside the new one, so that receivers have time to change. */
export const OVERLAP_MS = 24 * 3_600_000;

/**
 * The secret that signs what Weftline sends for a workspace, in the form of Standard Webhooks. It is derived from the
 * instance's key, so it is stored nowhere and every process has the same one.
 */
export function signingSecret(instanceKey: string, workspaceUuid: string, generation: number): string {
  const bytes = hkdfSync('sha256', instanceKey, workspaceUuid, `weftline webhook signing ${generation}`, 32);
  return `whsec_${Buffer.from(bytes).toString('base64')}`;
}

/** The secrets that sign now, the newest first. */
export function signingSecrets(instanceKey: string, workspaceUuid: string, state: SigningState, now: Date): string[] {
  const { generation, rotatedAt } = state;
  const secrets = [signingSecret(instanceKey, workspaceUuid, generation)];
  if (rotatedAt !== null && now.getTime() - rotatedAt.getTime() < OVERLAP_MS) {
    secrets.push(signingSecret(instanceKey, workspaceUuid, generation - 1));
  }
  return secrets;
}
