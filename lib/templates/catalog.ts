import { approvalGate } from './approval-gate.ts';
import { batchRateLimit } from './batch-rate-limit.ts';
import { fanOutQuorum } from './fan-out-quorum.ts';
import { healthCheck } from './health-check.ts';
import { pollLongJob } from './poll-long-job.ts';
import { saga } from './saga.ts';
import { syncPagedApi } from './sync-paged-api.ts';
import type { WorkflowTemplate } from './template.ts';

/** Every built-in template, in the order of the gallery. */
export const templateCatalog: readonly WorkflowTemplate[] = Object.freeze([
  syncPagedApi,
  healthCheck,
  approvalGate,
  batchRateLimit,
  fanOutQuorum,
  pollLongJob,
  saga,
]);

/** The built-in template of an id, or undefined. */
export function findTemplate(id: string): WorkflowTemplate | undefined {
  return templateCatalog.find((template) => template.id === id);
}
