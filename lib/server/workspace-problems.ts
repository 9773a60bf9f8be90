import type { Access } from '#lib/auth/access.ts';
import { uuidFromId } from '#lib/base/ids.ts';
import type { Problem } from '#lib/base/problem.ts';
import { findAgentRecord } from '#lib/db/agents.ts';
import { listSecretRecords } from '#lib/db/secrets.ts';
import { findWorkflow } from '#lib/db/workflows.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { bodyDefinition } from '#lib/workflow/edit-body.ts';
import { expressionsOf } from '#lib/workflow/step-references.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { workspaceUuid } from './workspace-uuid.ts';

interface Named {
  readonly kind: 'secret' | 'agent' | 'workflow';
  readonly name: string;
  readonly step: string;
  readonly path: string;
}

/** More names than this are not looked up: a definition that has them is a program's, and a program reads the run. */
const MOST_NAMES = 200;

/** What a definition names that its workspace doesn't have: only the server can say. Warnings, for it may come later. */
export async function workspaceProblems(access: Access, definition: Definition): Promise<Problem[]> {
  const named = namesIn(definition, '').slice(0, MOST_NAMES);
  if (named.length === 0) return [];
  const workspace = workspaceUuid(access);
  const secrets = named.some(({ kind }) => kind === 'secret') ? await listSecretRecords(workspace) : [];
  const known = new Set(secrets.map(({ name }) => `secret ${name}`));
  for (const { kind, name } of named) {
    if (known.has(`${kind} ${name}`)) continue;
    if (kind === 'agent' && (await findAgentRecord(workspace, name)) !== null) known.add(`agent ${name}`);
    if (kind === 'workflow' && (await isThere(workspace, name))) known.add(`workflow ${name}`);
  }
  return named.filter(({ kind, name }) => !known.has(`${kind} ${name}`)).map(toProblem);
}

async function isThere(workspace: string, id: string): Promise<boolean> {
  const uuid = uuidFromId('wf', id);
  return uuid !== null && (await findWorkflow(workspace, uuid)) !== null;
}

function namesIn(definition: Definition, base: string): Named[] {
  return definition.steps.flatMap((step, at): Named[] => {
    const place = `${base}/steps/${at}`;
    const type = stepType(stepCatalog, step.type);
    const secrets = new Map(
      expressionsOf(step, stepCatalog).references.flatMap(({ root, path, pointer }) => {
        const name = root === 'secrets' ? path[0] : undefined;
        return name === undefined ? [] : [[`${pointer} ${name}`, { name: String(name), pointer }] as const];
      }),
    );
    const body = bodyDefinition(step, stepCatalog);
    return [
      ...[...secrets.values()].map(({ name, pointer }): Named => ({ kind: 'secret', name, step: step.id, path: place + pointer })),
      ...(type?.namesOf?.(step.config ?? {}) ?? []).map(
        ({ kind, name, key }): Named => ({ kind, name, step: step.id, path: `${place}/config/${key}` }),
      ),
      ...(body === null ? [] : namesIn(body, `${place}/config`)),
    ];
  });
}

function toProblem({ kind, name, step, path }: Named): Problem {
  const messages = {
    secret: `There is no secret '${name}' yet; the step fails until it is set under Settings → Secrets`,
    agent: `There is no agent '${name}'; the step fails until there is one under Settings → Agents`,
    workflow: `The workflow that this step runs doesn't exist in this workspace`,
  };
  return { step, path, code: `unknown_${kind}`, message: messages[kind] };
}
