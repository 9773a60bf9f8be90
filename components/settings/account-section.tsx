'use client';

import { LogOut } from 'lucide-react';
import { leave } from '#components/shell/person-menu.tsx';
import { useSession } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { capitalize } from '#lib/client/format.ts';
import { Section, SettingRow } from './section.tsx';

export function AccountSection() {
  const { user, workspace } = useSession();
  return (
    <Section
      title="Account"
      action={
        <Button onClick={leave}>
          <LogOut className="size-4" aria-hidden />
          Sign out
        </Button>
      }
    >
      <div className="flex flex-col">
        <SettingRow label="Name">{user?.name ?? '—'}</SettingRow>
        <SettingRow label="E-mail">{user?.email ?? '—'}</SettingRow>
        <SettingRow label="Workspace">
          {workspace ? (
            <span className="flex flex-wrap items-baseline gap-x-2">
              {workspace.name}
              <span className="text-small text-text-3">{capitalize(workspace.role)}</span>
            </span>
          ) : (
            '—'
          )}
        </SettingRow>
      </div>
    </Section>
  );
}
