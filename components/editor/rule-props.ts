import type { Step } from '#lib/workflow/definition.ts';
import type { RuleName, StepChanges } from './run-rules.ts';

export interface RuleBodyProps {
  readonly rule: RuleName;
  readonly step: Step;
  readonly steps: readonly Step[];
  /** By pointer from the step. */
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (changes: StepChanges) => void;
  readonly onBlur: () => void;
}
