import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { AuthFrame } from '#components/account/auth-frame.tsx';
import { LoginForm } from '#components/account/login-form.tsx';
import { safeNext } from '#components/account/safe-next.ts';
import { readSession } from '../../read-session.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const [session, { next }] = await Promise.all([readSession(), searchParams]);
  if (!session.set_up) redirect('/setup');
  if (session.user !== null) redirect(safeNext(next));
  return (
    <AuthFrame title="Sign in">
      <LoginForm next={safeNext(next)} />
    </AuthFrame>
  );
}
