'use client';

import { Page, PageHead } from '#components/shell/page.tsx';
import { useCan } from '#components/shell/session.tsx';
import { AccountSection } from './account-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { KeysSection } from './keys-section.tsx';

/** Who you are, how it looks, and the keys of programs. */
export function SettingsPage() {
  const mayManageKeys = useCan('keys:manage');
  return (
    <Page>
      <PageHead title="Settings" />
      <div className="flex flex-col gap-8 pt-2">
        <AccountSection />
        <AppearanceSection />
        {mayManageKeys ? <KeysSection /> : null}
      </div>
    </Page>
  );
}
