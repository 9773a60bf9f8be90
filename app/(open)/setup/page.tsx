import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { AuthFrame } from '#components/account/auth-frame.tsx';
import { SetupForm } from '#components/account/setup-form.tsx';
import { readSession } from '../../read-session.ts';

export const metadata: Metadata = { title: 'Set up' };

export default async function SetupPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const [session, { token }] = await Promise.all([readSession(), searchParams]);
  if (session.set_up) redirect('/');
  return (
    <AuthFrame title="Set up your workspace">
      <SetupForm token={typeof token === 'string' ? token : ''} />
    </AuthFrame>
  );
}
