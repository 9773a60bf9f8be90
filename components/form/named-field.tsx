import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Select } from '#components/ui/select.tsx';
import { agentListOptions } from '#lib/client/agents.ts';
import { secretListOptions } from '#lib/client/secrets.ts';
import type { ConfigFieldProps } from './field-props.ts';

type NamedFieldProps = ConfigFieldProps & { readonly control: { readonly id: string } };

const NONE = '(none)';

/** Chooses a secret of the workspace by its name. */
export function SecretField(props: NamedFieldProps) {
  const { data } = useQuery(secretListOptions());
  return <NamedField {...props} names={data?.secrets.map((row) => row.name)} what="secret" />;
}

/** Chooses an agent of the workspace by its name. */
export function AgentField(props: NamedFieldProps) {
  const { data } = useQuery(agentListOptions());
  const { value } = props;
  // One that was named by its id is shown by its name.
  const named = data?.agents.find((agent) => agent.id === value)?.name ?? value;
  return <NamedField {...props} value={named} names={data?.agents.map((row) => row.name)} what="agent" />;
}

interface ChoiceProps extends NamedFieldProps {
  readonly names: readonly string[] | undefined;
  readonly what: 'secret' | 'agent';
}

function NamedField({ field, value, onChange, onBlur, control, names, what }: ChoiceProps) {
  const current = typeof value === 'string' && value !== '' ? value : undefined;
  const isGone = current !== undefined && names !== undefined && !names.includes(current);
  const options = [
    ...(field.required ? [] : [{ value: NONE, label: 'None' }]),
    ...(isGone || (current !== undefined && names === undefined)
      ? [{ value: current, label: isGone ? `${current} (not set)` : current }]
      : []),
    ...(names ?? []).map((name) => ({ value: name, label: name })),
  ];
  if (names?.length === 0 && current === undefined) {
    return (
      <p className="text-small text-text-3">
        There is no {what} yet. Make one under{' '}
        <Link href="/settings" className="text-text-1 underline underline-offset-2">
          Settings
        </Link>
        .
      </p>
    );
  }
  return (
    <Select
      {...control}
      options={options}
      value={current ?? (field.required ? undefined : NONE)}
      onValueChange={(next) => {
        onChange([], next === NONE ? undefined : next);
        onBlur?.();
      }}
    />
  );
}
