import { z } from 'zod';
import type { JsonObject } from '#lib/base/json.ts';
import { Duration } from '#lib/workflow/definition.ts';
import { type StepDefinition, stepConfig } from '#lib/workflow/step-type.ts';
import { shortExpression, shortLine } from '../card-line.ts';
import { field } from '../field.ts';

/** A role of the workspace, or the e-mail address of a member. */
const Approver = z.string().trim().min(1, 'Name a role or an e-mail address').max(200);

const config = stepConfig((value) =>
  z.strictObject({
    message: field(value(z.string().trim().min(1, 'Say what is to be decided').max(10_000)), {
      title: 'Question',
      description: 'What is to be decided, as those who decide read it. Markdown.',
      examples: ['Pay **{{ input.amount }}** to {{ input.name }}?'],
      widget: 'multiline',
    }),
    approvers: field(value(z.array(value(Approver)).max(50)).optional(), {
      title: 'Who decides',
      description: 'Roles (owner, admin, editor, viewer) or e-mail addresses of members. Without any, everybody who may change runs.',
      examples: [['admin', 'ada@example.com']],
      widget: 'json',
    }),
    form: field(value(z.record(z.string(), z.json())).optional(), {
      title: 'Form',
      description: 'JSON Schema of what is to be filled in with the decision; it draws the form, and the answer is checked against it.',
      examples: [{ type: 'object', properties: { reason: { type: 'string', title: 'Reason' } } }],
      widget: 'json',
    }),
    timeout: field(value(Duration).optional(), {
      title: 'Give up after',
      description:
        'Then the run goes on at the timeout branch; where there is none, the step fails. Without it the decision may take for ever.',
      examples: ['1 day'],
      widget: 'duration',
    }),
  }),
);

export type ApprovalConfig = z.infer<typeof config.resolved>;

export const approval: StepDefinition = {
  type: 'approval',
  title: 'Approval',
  summary: 'Go on when a person says so',
  category: 'logic',
  icon: 'user-check',
  docs: `Asks people to approve or reject, under Approvals or by the API, with a form of your choice. The run waits meanwhile and holds nothing.

Draw an edge from *rejected* or *timeout* to go on there. Without such an edge a rejection fails the step (\`APPROVAL_REJECTED\`), and so does a decision that does not come in time (\`WAIT_TIMEOUT\`), so nothing runs after a refusal by accident.`,
  config,
  initialConfig: { message: 'May this go on?' },
  branches: () => ['approved', 'rejected', 'timeout'],
  describe: (values: JsonObject) => shortLine(shortExpression(values.message)) || 'approval',
  pure: false,
  onCrash: () => 'retry',
  defaultTimeout: null,
  expressionKeys: [],
  rawKeys: [],
  // Nobody knows a name for a decision; it is waited for like an event.
  outline: () => ({ kind: 'event', event: null }),
  exampleOutput: {
    decision: 'approved',
    form: {},
    comment: null,
    decided_by: { kind: 'user', id: 'user_1', name: 'Ada' },
    decided_at: '2026-01-01T00:00:00.000Z',
  },
};
