import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { AppShell } from '#components/shell/app-shell.tsx';
import { RAIL_COOKIE, readRailState } from '#components/shell/preferences.ts';
import { requireSession } from '../read-session.ts';

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const [session, jar] = await Promise.all([requireSession(), cookies()]);
  return (
    <AppShell session={session} initialRail={readRailState(jar.get(RAIL_COOKIE)?.value)}>
      {children}
    </AppShell>
  );
}
