import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { idFromUuid } from '#lib/base/ids.ts';
import type { Json } from '#lib/base/json.ts';
import type { decideApproval as contract } from '#lib/contracts/approvals.ts';
import type { AnswerOf, InputOf } from '#lib/contracts/contract.ts';
import { ensureDispatcher } from '#lib/db/dispatcher.ts';
import { postMail } from '#lib/db/mailbox.ts';
import { transaction } from '#lib/db/transaction.ts';
import { type ApprovalRow, findApproval, takeApproval } from '#lib/db/waits.ts';
import { mayDecide, questionOf } from './approval-view.ts';
import { inputProblems } from './check-input.ts';
import { workspaceUuid } from './workspace-uuid.ts';

/**
 * Decides an approval, once: whoever comes second, or after its time, gets `conflict`. The form is asked of an approval only;
 * a rejection may leave it empty.
 */
export async function decideApproval(access: Access, { params, body }: InputOf<typeof contract>): Promise<AnswerOf<typeof contract>> {
  const row = await findApproval(workspaceUuid(access), params.id);
  if (row === null) throw new AppError('not_found', 'Nothing waits for this decision: it was made, its time is over, or it never was.');
  const question = questionOf(row);
  if (!mayDecide(access, question)) throw new AppError('forbidden', 'This is for others to decide.');
  if (body.decision === 'approved') requireForm(question.form, body.form);
  const { kind, id, name } = access.actor;
  const { decision, form, comment } = body;
  const payload: Json = {
    decision,
    form,
    comment: comment === '' ? null : comment,
    decided_by: { kind, id, name },
    decided_at: new Date().toISOString(),
  };
  await ensureDispatcher();
  const taken = await transaction((client) => tell(client, row, payload));
  if (!taken) throw new AppError('conflict', 'This was decided a moment ago, or its time is over.');
  return { id: params.id, run_id: idFromUuid('run', row.run_id), decision };
}

async function tell(client: Parameters<typeof takeApproval>[0], row: ApprovalRow, payload: Json): Promise<boolean> {
  if (!(await takeApproval(client, row))) return false;
  const [answer] = await postMail([{ runId: row.run_id, kind: 'decision', step: row.step, token: row.token, payload }], client);
  return answer === 'posted';
}

function requireForm(schema: ReturnType<typeof questionOf>['form'], form: Json): void {
  if (schema === null) return;
  const problems = inputProblems(schema, form);
  if (problems.length === 0) return;
  const first = problems[0];
  throw new AppError('validation_error', `The form does not fit: ${first?.path || 'form'}: ${first?.message}`, {
    details: problems.map((problem) => ({ ...problem, path: `/form${problem.path}` })),
  });
}
