import { useQuery } from '@tanstack/react-query';
import { ArrowUpRight } from 'lucide-react';
import Link from 'next/link';
import { useParams } from 'next/navigation';
import type { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { workflowListOptions } from '#lib/client/workflows.ts';

interface WorkflowPickerProps {
  readonly control: Parameters<React.ComponentProps<typeof Field>['children']>[0];
  /** The id of the chosen workflow. */
  readonly value: string | undefined;
  readonly onChange: (id: string) => void;
  readonly onBlur?: (() => void) | undefined;
}

/** More are found by an expression alone. */
const MOST = 200;
const BY_EXPRESSION = 'expression';
const FIRST_EXPRESSION = '{{ input.workflow_id }}';

/** One of the workspace's workflows, but the one that is being edited: none may run itself. */
export function WorkflowPicker({ control, value, onChange, onBlur }: WorkflowPickerProps) {
  const { id: own } = useParams<{ id?: string }>();
  const { data, isPending } = useQuery(workflowListOptions({ limit: MOST }));
  const known = (data?.workflows ?? []).filter((workflow) => workflow.id !== own && workflow.status !== 'archived');
  const isStrange = value !== undefined && value !== '' && !isPending && !known.some((workflow) => workflow.id === value);
  const options = [
    ...known.map((workflow) => ({ value: workflow.id, label: workflow.name })),
    ...(isStrange ? [{ value, label: `${value.slice(0, 11)}… (not in the list)` }] : []),
    { value: BY_EXPRESSION, label: 'By an expression…' },
  ];
  return (
    <div className="flex items-center gap-1.5">
      <Select
        {...control}
        className="min-w-0 flex-1"
        options={options}
        value={value === '' ? undefined : value}
        placeholder={isPending ? 'Loading…' : 'Choose a workflow'}
        onValueChange={(next) => {
          onChange(next === BY_EXPRESSION ? FIRST_EXPRESSION : next);
          onBlur?.();
        }}
      />
      {known.some((workflow) => workflow.id === value) ? (
        <Link
          href={`/workflows/${value}`}
          target="_blank"
          aria-label="Open the workflow in a new tab"
          className="flex size-control shrink-0 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text-1"
        >
          <ArrowUpRight className="size-4" aria-hidden />
        </Link>
      ) : null}
    </div>
  );
}
