import type { Access } from '#lib/auth/access.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import { isJsonObject, type JsonObject } from '#lib/base/json.ts';
import type { Approval } from '#lib/contracts/approvals.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import type { ApprovalRow } from '#lib/db/waits.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { namedWay } from '#lib/workflow/step-of-key.ts';

/** What an approval step put to people. */
interface Question {
  readonly message: string;
  readonly approvers: readonly string[];
  readonly form: JsonObject | null;
}

export function questionOf(row: ApprovalRow): Question {
  const data = isJsonObject(row.data) ? row.data : {};
  return {
    message: typeof data.message === 'string' ? data.message : '',
    approvers: Array.isArray(data.approvers) ? data.approvers.filter((one) => typeof one === 'string') : [],
    form: isJsonObject(data.form) ? data.form : null,
  };
}

/**
 * Who may decide: those named by role or e-mail address, else everybody who may change runs. A program acts with the role
 * of its key's scopes.
 */
export function mayDecide(access: Access, { approvers }: Pick<Question, 'approvers'>): boolean {
  if (approvers.length === 0) return access.permissions.has('runs:write');
  const names = new Set(approvers.map((one) => one.toLowerCase()));
  const email = access.actor.email?.toLowerCase();
  return names.has(access.role) || (email !== undefined && names.has(email));
}

export async function approvalView(access: Access, row: ApprovalRow): Promise<Approval> {
  const question = questionOf(row);
  const graph = await loadGraph(row.definition_hash, stepCatalog);
  return {
    id: idFromUuid('appr', row.id),
    run_id: idFromUuid('run', row.run_id),
    workflow_id: idFromUuid('wf', row.workflow_id),
    workflow_name: row.workflow_name,
    step_key: row.step,
    step_name: namedWay(graph, row.step),
    message: question.message,
    approvers: [...question.approvers],
    form: question.form,
    may_decide: mayDecide(access, question),
    created_at: row.created_at.toISOString(),
    expires_at: row.wake_at?.toISOString() ?? null,
  };
}
