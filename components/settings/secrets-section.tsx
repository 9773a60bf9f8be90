'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText } from '#components/ui/skeleton.tsx';
import { HeadCell, Table, TableHead } from '#components/ui/table.tsx';
import { secretListOptions } from '#lib/client/secrets.ts';
import { SecretDialog } from './secret-dialog.tsx';
import { SecretLine } from './secret-line.tsx';
import { Section } from './section.tsx';

/** What steps use to sign in elsewhere. */
export function SecretsSection() {
  const [creating, setCreating] = useState(false);
  const { data, error, isPending, refetch } = useQuery(secretListOptions());
  return (
    <Section
      title="Secrets"
      about="Passwords and keys that steps read as {{ secrets.NAME }}. Kept encrypted, and hidden in logs, outputs and errors."
      action={
        <Button size="page" onClick={() => setCreating(true)}>
          <Plus className="size-4" aria-hidden />
          New secret
        </Button>
      }
    >
      {error && !data ? <LoadError what="the secrets" error={error} retry={() => refetch()} /> : null}
      {isPending ? <LoadingText>Loading secrets</LoadingText> : null}
      {data?.secrets.length === 0 ? (
        <EmptyState title="No secrets yet">
          Put a key here instead of into a step: there, everybody who sees the workflow sees it.
        </EmptyState>
      ) : null}
      {data && data.secrets.length > 0 ? (
        <Table label="Secrets" className="-mx-2 w-[calc(100%+16px)]">
          <TableHead>
            <HeadCell className="sm:w-60">Name</HeadCell>
            <HeadCell className="max-sm:hidden">Description</HeadCell>
            <HeadCell numeric className="w-28 max-sm:hidden">
              Set
            </HeadCell>
            <HeadCell className="w-22">
              <span className="sr-only">Actions</span>
            </HeadCell>
          </TableHead>
          <tbody>
            {data.secrets.map((row) => (
              <SecretLine key={row.name} row={row} />
            ))}
          </tbody>
        </Table>
      ) : null}
      {creating ? <SecretDialog row={null} onClose={() => setCreating(false)} /> : null}
    </Section>
  );
}
