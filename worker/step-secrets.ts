import { uuidFromId } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import { evaluateExpression } from '#lib/server/expression-process.ts';
import { readSecrets } from '#lib/server/read-secrets.ts';
import { MASK, type SecretMask } from '#lib/server/secret-mask.ts';
import type { Compiled } from '#lib/workflow/expression.ts';
import type { ExpressionScope } from '#lib/workflow/expression-scope.ts';
import type { CompiledTemplate } from '#lib/workflow/template.ts';

/** One place of a config that reads a secret; `name` is null where the text does not tell which. */
export interface SecretUse {
  readonly name: string | null;
  /** JSON Pointer within the config. */
  readonly pointer: string;
}

/** Every place where a config reads secrets. */
export function secretUses(template: CompiledTemplate): readonly SecretUse[] {
  return template.references
    .filter((reference) => reference.root === 'secrets')
    .map((reference) => ({ name: reference.path[0] ?? null, pointer: reference.pointer }));
}

/** The values of these secrets, each hidden by the mask from now on; or why the step can't have them. */
export async function loadSecrets(
  workspaceId: string,
  uses: readonly SecretUse[],
  mask: SecretMask,
): Promise<{ readonly values: Readonly<Record<string, string>> } | { readonly error: RunError }> {
  if (uses.length === 0) return { values: {} };
  const unnamed = uses.find((use) => use.name === null);
  if (unnamed) {
    const message = 'A secret is read by its name, secrets.NAME; which one can not be left to an expression';
    return { error: { code: 'SECRET_UNNAMED', message, path: unnamed.pointer } };
  }
  const found = await readSecrets(uuidFromId('ws', workspaceId) ?? '', [...new Set(uses.flatMap((use) => use.name ?? []))]);
  const values: Record<string, string> = Object.create(null);
  for (const { name, pointer: path } of uses) {
    const value = found.get(name ?? '');
    if (value === undefined) {
      return { error: { code: 'SECRET_NOT_FOUND', message: `There is no secret '${name}'; set it under Settings → Secrets`, path } };
    }
    if (value instanceof Error) {
      const message = `The secret '${name}' can't be read: ${lowerFirst(value.message)}. Set it again, or give the worker the key that sealed it`;
      return { error: { code: 'SECRET_UNREADABLE', message, path } };
    }
    mask.add(value);
    values[name ?? ''] = value;
  }
  return { values };
}

/**
 * The value of a config that reads secrets, and the same value as it may be shown. Only expressions that name a secret
 * see secrets; what comes of one is as secret as they are, whatever the expression made of it.
 */
export async function resolveSecretly(
  template: CompiledTemplate,
  scope: ExpressionScope,
  secrets: Readonly<Record<string, string>>,
  mask: SecretMask,
): Promise<{ readonly value: Json | undefined; readonly shown: Json | undefined }> {
  const value = await template.resolve(scope, async (compiled, its) => {
    if (!readsSecrets(compiled)) return evaluateExpression(compiled, its);
    const result = await evaluateExpression(compiled, { ...its, values: { ...its.values, secrets } });
    mask.add(result);
    return result;
  });
  const shown = await template.resolve(scope, (compiled, its) => (readsSecrets(compiled) ? MASK : evaluateExpression(compiled, its)));
  return { value, shown };
}

function readsSecrets(compiled: Compiled): boolean {
  return compiled.references.some((reference) => reference.root === 'secrets');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
