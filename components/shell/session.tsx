'use client';

import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { type Session, sessionOptions } from '#lib/client/account.ts';
import type { Permission } from '#lib/contracts/contract.ts';

const SessionContext = createContext<Session | null>(null);

/** Hands the session that the server read to everything below, and keeps it fresh. */
export function SessionProvider({ initial, children }: { initial: Session; children: ReactNode }) {
  const { data } = useQuery({ ...sessionOptions(), initialData: initial });
  return <SessionContext value={data}>{children}</SessionContext>;
}

/** Who is signed in. Only below the shell. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession needs the shell around it');
  return session;
}

/** True when the signed-in person may do this; controls that are not allowed are not drawn. */
export function useCan(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
