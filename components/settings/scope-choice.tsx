'use client';

import { CircleAlert } from 'lucide-react';
import { useId } from 'react';
import { useSession } from '#components/shell/session.tsx';
import { Checkbox } from '#components/ui/checkbox.tsx';
import { PERMISSIONS, type Permission } from '#lib/contracts/contract.ts';

const WORDS: Readonly<Record<Permission, string>> = {
  'workflows:read': 'Read workflows, versions and templates',
  'workflows:write': 'Create, change and delete workflows',
  'runs:read': 'Read runs and follow them',
  'runs:write': 'Start, cancel and delete runs',
  'agents:manage': 'Create, change and delete agents',
  'secrets:manage': 'Set and delete secrets; nobody can read them',
  'keys:manage': 'Manage API keys',
  'members:manage': 'Manage members',
};

interface ScopeChoiceProps {
  readonly scopes: readonly Permission[];
  readonly onChange: (scopes: readonly Permission[]) => void;
  readonly error: string | undefined;
}

/** What a key may do; nobody can give a key more than they may do themselves. */
export function ScopeChoice({ scopes, onChange, error }: ScopeChoiceProps) {
  const id = useId();
  const { permissions } = useSession();
  const offered = PERMISSIONS.filter((permission) => permissions.includes(permission));

  function toggle(permission: Permission, on: boolean) {
    onChange(PERMISSIONS.filter((each) => (each === permission ? on : scopes.includes(each))));
  }

  return (
    <fieldset className="flex flex-col" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="pb-1 font-medium text-small">Scopes</legend>
      {offered.map((permission) => (
        <label key={permission} htmlFor={`${id}-${permission}`} className="flex min-h-control items-center gap-2 text-body">
          <Checkbox
            id={`${id}-${permission}`}
            checked={scopes.includes(permission)}
            onCheckedChange={(on) => toggle(permission, on === true)}
          />
          <span className="min-w-0 flex-1">{WORDS[permission]}</span>
          <code className="font-mono text-code-small text-text-3 max-sm:hidden">{permission}</code>
        </label>
      ))}
      {error ? (
        <p id={`${id}-error`} role="alert" className="flex gap-1 pt-1 text-small text-status-failed">
          <CircleAlert className="mt-0.5 size-3" aria-hidden />
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
