import { resealSecretRecords, sealedSecrets } from '#lib/db/secrets.ts';
import { isSealedByFormerKey, seal, sealKeys, UnsealError, unseal } from './seal.ts';
import { secretPlace } from './secret-view.ts';

/** The value of each secret that is there, or the UnsealError that says why it can't be read. The worker's alone. */
export async function readSecrets(workspaceUuid: string, names: readonly string[]): Promise<Map<string, string | UnsealError>> {
  const keys = sealKeys();
  const values = new Map<string, string | UnsealError>();
  for (const [name, sealed] of await sealedSecrets(workspaceUuid, names)) {
    try {
      values.set(name, unseal(sealed, secretPlace(workspaceUuid, name), keys));
    } catch (thrown) {
      if (!(thrown instanceof UnsealError)) throw thrown;
      values.set(name, thrown);
    }
  }
  return values;
}

/** Seals anew what a former key sealed. Answers how many there were; what no key opens stays as it is. */
export async function resealSecrets(): Promise<number> {
  const keys = sealKeys();
  return resealSecretRecords(({ workspaceId, name, sealed }) => {
    if (!isSealedByFormerKey(sealed, keys)) return null;
    const place = secretPlace(workspaceId, name);
    try {
      return seal(unseal(sealed, place, keys), place, keys);
    } catch (thrown) {
      if (thrown instanceof UnsealError) return null;
      throw thrown;
    }
  });
}
