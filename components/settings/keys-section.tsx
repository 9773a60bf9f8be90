'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { LoadingText, Skeleton } from '#components/ui/skeleton.tsx';
import { Cell, HeadCell, Table, TableHead, TableRow } from '#components/ui/table.tsx';
import { keyListOptions } from '#lib/client/account.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { KeyLine } from './key-line.tsx';
import { Section } from './section.tsx';

const SKELETONS = ['a', 'b'];

/** Keys with which programs call the API. */
export function KeysSection() {
  const [creating, setCreating] = useState(false);
  const { data, error, isPending, refetch } = useQuery(keyListOptions());
  return (
    <Section
      title="API keys"
      about="A program sends one as a bearer token. Only its hash is kept, so it is shown once."
      action={
        <Button size="page" onClick={() => setCreating(true)}>
          <Plus className="size-4" aria-hidden />
          New key
        </Button>
      }
    >
      {error && !data ? <LoadError what="the keys" error={error} retry={() => refetch()} /> : null}
      {data?.keys.length === 0 ? (
        <EmptyState title="No keys yet">Create one for each program, with only the scopes that it needs.</EmptyState>
      ) : null}
      {isPending ? <LoadingText>Loading keys</LoadingText> : null}
      {isPending || (data && data.keys.length > 0) ? (
        <Table label="API keys" className="-mx-2 w-[calc(100%+16px)]">
          <TableHead>
            <HeadCell>Name</HeadCell>
            <HeadCell className="w-28">Key</HeadCell>
            <HeadCell className="w-44 max-md:hidden">Scopes</HeadCell>
            <HeadCell numeric className="w-28">
              Last used
            </HeadCell>
            <HeadCell numeric className="w-32">
              Expires
            </HeadCell>
            <HeadCell className="w-10">
              <span className="sr-only">Actions</span>
            </HeadCell>
          </TableHead>
          <tbody>
            {data
              ? data.keys.map((row) => <KeyLine key={row.id} row={row} />)
              : SKELETONS.map((key) => (
                  <TableRow key={key} aria-hidden>
                    <Cell>
                      <Skeleton className="h-4 w-32" />
                    </Cell>
                  </TableRow>
                ))}
          </tbody>
        </Table>
      ) : null}
      {creating ? <CreateKeyDialog onClose={() => setCreating(false)} /> : null}
    </Section>
  );
}
