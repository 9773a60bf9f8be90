import { parseDuration } from '#lib/base/duration.ts';
import type { StepExecutor } from '../executor.ts';
import type { ApprovalConfig } from './definition.ts';

/** Puts the question; the decision comes as a message to the run. */
export const executeApproval: StepExecutor<ApprovalConfig> = ({ message, approvers, form, timeout }, { startedAt }) => ({
  kind: 'wait',
  on: 'approval',
  until: timeout === undefined ? null : startedAt + (parseDuration(timeout) ?? 0),
  data: { message, approvers: approvers ?? [], form: form ?? null },
});
