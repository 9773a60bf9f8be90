import { useQuery } from '@tanstack/react-query';
import { Copy, Ellipsis, Power, PowerOff, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import { EditableText } from '#components/ui/editable-text.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu.tsx';
import { TabPanel, Tabs } from '#components/ui/tabs.tsx';
import { toastInfo } from '#components/ui/toast.tsx';
import { secretListOptions } from '#lib/client/secrets.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { stepType } from '#lib/workflow/step-type.ts';
import { BodyContext } from '../form/body-context.ts';
import { ValuesContext } from '../form/values-context.ts';
import { valuesInReach } from '../form/values-in-reach.ts';
import { StepIcon } from '../graph/step-icon.tsx';
import { BodyPanel } from './body-panel.tsx';
import type { EditorActions } from './editor-actions.ts';
import { useDefinition, useEditor, useSelectedStep } from './editor-context.ts';
import { SelectionPanel } from './selection-panel.tsx';
import { StepConfig } from './step-config.tsx';
import { StepJson } from './step-json.tsx';
import { StepRules } from './step-rules.tsx';
import { StepTest } from './step-test.tsx';
import type { InspectorTab } from './store.ts';
import { useLastRun } from './use-last-run.ts';
import type { Problems } from './use-problems.ts';
import { useTrial } from './use-trial.ts';
import { WorkflowPanel } from './workflow-panel.tsx';

interface InspectorProps {
  readonly actions: EditorActions;
  readonly problems: Problems;
}

const TABS = [
  { value: 'config', label: 'Config' },
  { value: 'rules', label: 'Run rules' },
  { value: 'test', label: 'Test' },
  { value: 'json', label: 'JSON' },
] as const satisfies readonly { value: InspectorTab; label: string }[];

/** What is selected, beside the canvas: a step, several, or what the canvas shows: the workflow, or the inside of a loop. */
export function Inspector({ actions, problems }: InspectorProps) {
  const step = useSelectedStep();
  const count = useEditor((state) => state.selection.steps.size + state.selection.edges.size);
  const isInside = useEditor((state) => state.path.length > 0);
  if (step !== null) return <StepPanel key={step.id} step={step} actions={actions} problems={problems} />;
  if (count > 0) return <SelectionPanel actions={actions} />;
  return isInside ? <BodyPanel /> : <WorkflowPanel problems={problems} />;
}

function StepPanel({ step, actions, problems }: InspectorProps & { readonly step: Step }) {
  const definition = useDefinition();
  const { catalog, workflowId, inspectorTab, show, path, enter } = useEditor((state) => state);
  const lastRun = useLastRun(workflowId);
  const secrets = useQuery(secretListOptions()).data?.secrets;
  const reach = useMemo(
    () =>
      valuesInReach(
        definition,
        catalog,
        step.id,
        lastRun,
        secrets?.map((secret) => secret.name),
      ),
    [definition, catalog, step.id, lastRun, secrets],
  );
  return (
    <ValuesContext value={reach}>
      <div className="flex min-h-0 flex-1 flex-col">
        <StepHead step={step} actions={actions} />
        <Tabs items={TABS} value={inspectorTab} onValueChange={(tab) => show({ inspectorTab: tab })} label="Inspector" className="flex-1">
          <TabPanel value="config" className="overflow-y-auto p-4">
            <BodyContext value={() => enter([...path, step.id])}>
              <StepConfig step={step} problems={problems} />
            </BodyContext>
          </TabPanel>
          <TabPanel value="rules" className="overflow-y-auto p-4">
            <StepRules step={step} problems={problems} />
          </TabPanel>
          <TabPanel value="test" className="overflow-y-auto p-4">
            <StepTest step={step} />
          </TabPanel>
          <TabPanel value="json" className="overflow-y-auto p-4">
            <StepJson step={step} />
          </TabPanel>
        </Tabs>
      </div>
    </ValuesContext>
  );
}

function StepHead({ step, actions }: { readonly step: Step; readonly actions: EditorActions }) {
  const { catalog, dispatch, path } = useEditor((state) => state);
  const { renamed } = useTrial();
  const type = stepType(catalog, step.type);
  const isOff = step.enabled === false;
  const rename = (to: string) => {
    const [refusal] = dispatch({ kind: 'rename_step', id: step.id, to }, { label: `Rename ${step.id}` });
    if (refusal) toastInfo(refusal.message);
    else if (path.length === 0) renamed(step.id, to);
  };
  return (
    <header className="flex min-h-14 shrink-0 items-center gap-2 px-3 pt-2">
      <span className="grid size-8 shrink-0 place-items-center rounded-control bg-sunken text-text-2" title={type?.title ?? step.type}>
        <StepIcon name={type?.icon ?? ''} />
      </span>
      <div className="flex min-w-0 flex-1 flex-col items-start">
        <EditableText
          value={step.name ?? step.id}
          label="Name of the step"
          className="font-medium"
          onSave={(name) => dispatch({ kind: 'update_step', id: step.id, changes: { name } }, { label: `Name ${step.id}` })}
        />
        <EditableText
          value={step.id}
          label="Id of the step"
          maxLength={128}
          className="font-mono text-code-small text-text-3"
          onSave={rename}
        />
      </div>
      <Menu align="end" trigger={<IconButton icon={Ellipsis} label="More actions" />}>
        <MenuItem icon={Copy} shortcut="mod+d" onSelect={() => actions.duplicate(step.id)}>
          Duplicate
        </MenuItem>
        <MenuItem icon={isOff ? Power : PowerOff} onSelect={() => actions.toggleEnabled(step.id)}>
          {isOff ? 'Turn on' : 'Turn off'}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={Trash2} shortcut="delete" danger onSelect={() => actions.remove(step.id)}>
          Delete
        </MenuItem>
      </Menu>
    </header>
  );
}
