import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { Session } from '#lib/client/account.ts';

/** Where this very process answers: the launcher's word, else its own address. */
function ownOrigin(): string {
  if (process.env.WEFTLINE_ORIGIN) return process.env.WEFTLINE_ORIGIN;
  const host = process.env.HOST ?? '127.0.0.1';
  const reachable = host === '' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
  return `http://${reachable}:${process.env.PORT ?? 3000}`;
}

/** Asks the API who is visiting, with the visitor's own cookies; once per request. Throws where the API does not answer. */
export const readSession = cache(async (): Promise<Session> => {
  const answer = await fetch(new URL('/api/session', ownOrigin()), {
    headers: { cookie: (await cookies()).toString(), accept: 'application/json' },
    cache: 'no-store',
  });
  if (!answer.ok) throw new Error(`/api/session answered ${answer.status}`);
  return (await answer.json()) as Session;
});

/** The session of a signed-in visitor; everybody else goes to set-up or sign-in. */
export async function requireSession(): Promise<Session> {
  const session = await readSession();
  if (!session.set_up) redirect('/setup');
  if (session.user === null) redirect(await signInAddress());
  return session;
}

/** The sign-in page, with the way back to what was asked for; the web process writes that into `x-path`. */
async function signInAddress(): Promise<string> {
  const path = (await headers()).get('x-path');
  return path === null || path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`;
}
