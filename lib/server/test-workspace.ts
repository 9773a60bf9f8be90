import type { Access } from '#lib/auth/access.ts';
import { permissionsOf } from '#lib/auth/roles.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid, uuidv7 } from '#lib/base/ids.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { database } from '#lib/db/client.ts';

/** A workspace of its own for a test, and an editor in it. */
export async function testAccess(name = 'Ada'): Promise<Access> {
  const uuid = uuidv7();
  await database().workspace.create({ data: { id: uuid, name: `${name}'s`, slug: uuid } });
  return {
    actor: { kind: 'user', id: idFromUuid('user', uuidv7()), name },
    workspaceId: idFromUuid('ws', uuid),
    role: 'owner',
    permissions: permissionsOf('owner'),
  };
}

/** What a call was refused with, or `fulfilled`. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'fulfilled',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code;
      throw thrown;
    },
  );
}

/** A refused call's error. */
export async function refusalOf(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  );
  if (thrown instanceof AppError) return thrown;
  throw thrown;
}

/** Fetch, then notify: the example of the API reference. */
export function exampleDefinition(url = 'https://api.example.com/users', more: JsonObject = {}): JsonObject {
  return {
    name: 'Fetch and notify',
    steps: [
      { id: 'fetch', type: 'http_request', config: { method: 'GET', url } },
      { id: 'notify', type: 'webhook', depends_on: ['fetch'], config: { url: 'https://hooks.example.com/x' } },
    ],
    ...more,
  };
}
