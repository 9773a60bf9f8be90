import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import type { Step } from '#lib/workflow/definition.ts';
import { useDefinition, useEditor } from './editor-context.ts';
import { RuleBody } from './rule-body.tsx';
import { RUN_RULES, type StepChanges } from './run-rules.ts';
import { errorsBelow, type Problems } from './use-problems.ts';

interface StepRulesProps {
  readonly step: Step;
  readonly problems: Problems;
}

/** When and how a step runs: only what differs from the defaults, and what can be added. */
export function StepRules({ step, problems }: StepRulesProps) {
  const definition = useDefinition();
  const { dispatch, endGesture } = useEditor((state) => state);
  const errors = errorsBelow(problems, definition, step.id, null);
  // A rule whose field was emptied to be written anew stays until it is taken away.
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const isShown = (rule: (typeof RUN_RULES)[number]) => rule.isSet(step) || touched.has(rule.name);
  const set = RUN_RULES.filter(isShown);
  const open = RUN_RULES.filter((rule) => !isShown(rule));
  function change(changes: StepChanges, rule: string, keep = true) {
    setTouched((before) => new Set(keep ? [...before, rule] : [...before].filter((name) => name !== rule)));
    dispatch({ kind: 'update_step', id: step.id, changes }, { label: `Edit ${step.id}`, mergeKey: `${step.id}/rule/${rule}` });
  }
  return (
    <div className="flex flex-col gap-4">
      {set.length === 0 && (
        <p className="text-body text-text-2">
          Starts when every step before it has completed, runs once, and fails the run when it fails. Add a rule to change that.
        </p>
      )}
      {set.map((rule) => (
        <section key={rule.name} aria-label={rule.title}>
          <header className="flex h-8 items-center gap-2 border-line-1 border-b">
            <h3 className="flex-1 text-small font-medium">{rule.title}</h3>
            <IconButton
              size="row"
              icon={X}
              label={`Remove ${rule.title.toLowerCase()}`}
              onClick={() => change(rule.clear, rule.name, false)}
            />
          </header>
          <div className="flex flex-col gap-3 pt-3">
            <RuleBody
              rule={rule.name}
              step={step}
              steps={definition.steps}
              errors={errors}
              onBlur={endGesture}
              onChange={(changes) => change(changes, rule.name)}
            />
          </div>
        </section>
      ))}
      {open.length > 0 && (
        <Menu
          className="w-md max-w-[calc(100vw-16px)]"
          trigger={
            <Button className="self-start">
              <Plus className="size-4" aria-hidden />
              Add rule
            </Button>
          }
        >
          {open.map((rule) => (
            <MenuItem key={rule.name} onSelect={() => change(rule.start(step), rule.name)}>
              <span className="flex items-baseline gap-2">
                {rule.title}
                <span className="truncate text-small text-text-3">{rule.summary}</span>
              </span>
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}
