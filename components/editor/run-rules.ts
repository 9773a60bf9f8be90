import type { Step } from '#lib/workflow/definition.ts';
import type { Changes } from '#lib/workflow/edit-workflow.ts';

export type RuleName =
  | 'join'
  | 'run_when'
  | 'skip_when'
  | 'retry'
  | 'timeout'
  | 'on_error'
  | 'good_until'
  | 'undo'
  | 'priority'
  | 'sensitive';
export type StepChanges = Changes<Omit<Step, 'id'>>;

/** A rule that a step may have beyond the defaults. */
interface RunRule {
  readonly name: RuleName;
  readonly title: string;
  /** One line for the "Add rule" menu and under the head. */
  readonly summary: string;
  readonly isSet: (step: Step) => boolean;
  /** What adding the rule writes. */
  readonly start: (step: Step) => StepChanges;
  /** What removing it takes away. */
  readonly clear: StepChanges;
}

/** In the order in which the engine asks them. */
export const RUN_RULES: readonly RunRule[] = [
  {
    name: 'join',
    title: 'Start rule',
    summary: 'Which of the steps before it must have completed',
    isSet: (step) => step.join !== undefined || step.allow_failed_deps !== undefined || step.min_success !== undefined,
    start: () => ({ join: 'any' }),
    clear: { join: null, min_success: null, allow_failed_deps: null, cancel_rest: null },
  },
  {
    name: 'good_until',
    title: 'Start before',
    summary: 'Fail when it has not started by a time',
    isSet: (step) => step.good_until !== undefined,
    start: () => ({ good_until: new Date(Date.now() + 86_400_000).toISOString() }),
    clear: { good_until: null },
  },
  {
    name: 'skip_when',
    title: 'Skip when',
    summary: 'Skip the step while an expression holds',
    isSet: (step) => step.skip_when !== undefined,
    start: () => ({ skip_when: 'false' }),
    clear: { skip_when: null },
  },
  {
    name: 'run_when',
    title: 'Run when',
    summary: 'Run the step only while an expression holds',
    isSet: (step) => step.run_when !== undefined,
    start: () => ({ run_when: 'true' }),
    clear: { run_when: null },
  },
  {
    name: 'retry',
    title: 'Retry',
    summary: 'Try again after a failure',
    isSet: (step) => step.retry !== undefined,
    start: () => ({ retry: {} }),
    clear: { retry: null },
  },
  {
    name: 'timeout',
    title: 'Timeout',
    summary: 'How long one attempt may take',
    isSet: (step) => step.timeout !== undefined,
    start: () => ({ timeout: '30s' }),
    clear: { timeout: null },
  },
  {
    name: 'on_error',
    title: 'On error',
    summary: 'Go on, or let another step take over',
    isSet: (step) => step.on_error !== undefined || step.fallback_step != null,
    start: () => ({ on_error: 'continue' }),
    clear: { on_error: null, fallback_step: null },
  },
  {
    name: 'undo',
    title: 'Undo',
    summary: 'Take it back when the run fails or is cancelled',
    isSet: (step) => step.undo !== undefined,
    start: () => ({ undo: { type: 'http_request', config: { method: 'POST', url: '' } } }),
    clear: { undo: null },
  },
  {
    name: 'priority',
    title: 'Queue and priority',
    summary: 'Which workers take it, and how soon',
    isSet: (step) => step.queue !== undefined || step.priority !== undefined,
    start: () => ({ priority: 1 }),
    clear: { queue: null, priority: null },
  },
  {
    name: 'sensitive',
    title: 'Hide the output',
    summary: 'Show [REDACTED] in place of the output, everywhere',
    isSet: (step) => step.sensitive !== undefined,
    start: () => ({ sensitive: 'output' }),
    clear: { sensitive: null },
  },
];
