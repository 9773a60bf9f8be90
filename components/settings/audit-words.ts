import { isJsonObject } from '#lib/base/json.ts';
import type { AuditRow } from '#lib/contracts/audit.ts';

/** What was done, in words; an action that has none here is shown as it is called. */
const WORDS: Readonly<Record<string, string>> = {
  'run.cancelled': 'Cancelled a run',
  'run.paused': 'Paused a run',
  'run.resumed': 'Resumed a run',
  'run.retried': 'Retried a run',
  'run.restarted': 'Restarted a run',
  'run.forked': 'Forked a run',
  'run.deleted': 'Deleted a run',
  'workflow.created': 'Created a workflow',
  'workflow.version_saved': 'Saved a version',
  'workflow.rolled_back': 'Rolled back a workflow',
  'workflow.status_changed': 'Set the status of a workflow',
  'workflow.retention_changed': 'Set how long runs are kept',
  'workflow.deleted': 'Deleted a workflow',
  'key.created': 'Created an API key',
  'key.revoked': 'Revoked an API key',
  'signing_secret.rotated': 'Rotated the signing secret',
};

export function auditSentence(row: AuditRow): string {
  return WORDS[row.action] ?? row.action;
}

/** What makes this entry different from others of its kind: name, version, step. */
export function auditDetail({ data }: AuditRow): string {
  if (!isJsonObject(data)) return '';
  const { name, version, from, to, from_step: step, rollback } = data;
  const parts = [
    typeof name === 'string' ? name : null,
    typeof version === 'number' ? `v${version}` : null,
    typeof from === 'string' && typeof to === 'string' ? `${from} → ${to}` : null,
    typeof step === 'string' ? `from ${step}` : null,
    rollback === true ? 'with undo' : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** Where the thing can be looked at, null where it has no page or is gone. */
export function auditLink({ action, target }: AuditRow): string | null {
  if (action.endsWith('.deleted')) return null;
  if (target.kind === 'run') return `/runs/${target.id}`;
  return target.kind === 'workflow' ? `/workflows/${target.id}` : null;
}
