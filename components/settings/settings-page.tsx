'use client';

import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { AccountSection } from './account-section.tsx';
import { AgentsSection } from './agents-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { AuditSection } from './audit-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { SecretsSection } from './secrets-section.tsx';
import { SigningSection } from './signing-section.tsx';

/** Who you are, how it looks, the agents, what steps sign in with, and the keys of programs. */
export function SettingsPage() {
  const mayManageKeys = useCan('keys:manage');
  const mayManageAgents = useCan('agents:manage');
  const mayManageMembers = useCan('members:manage');
  const mayManageSecrets = useCan('secrets:manage');
  return (
    <Page>
      <PageHead title="Settings" />
      <div className="flex flex-col gap-8 pt-2">
        <AccountSection />
        <AppearanceSection />
        {mayManageAgents ? <AgentsSection /> : null}
        {mayManageSecrets ? <SecretsSection /> : null}
        {mayManageKeys ? <KeysSection /> : null}
        {mayManageKeys ? <SigningSection /> : null}
        {mayManageMembers ? <AuditSection /> : null}
      </div>
    </Page>
  );
}
