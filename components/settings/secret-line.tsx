'use client';

import { useQueryClient } from '@tanstack/react-query';
import { PencilLine, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Cell, TableRow } from '#components/ui/table.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { secretKeys } from '#lib/client/secrets.ts';
import { deleteSecret, type SecretRow } from '#lib/contracts/secrets.ts';
import { SecretDialog } from './secret-dialog.tsx';

/** One secret: what it is called and what it is for; its value can be replaced, or taken away. */
export function SecretLine({ row }: { row: SecretRow }) {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<'replace' | 'delete' | null>(null);

  async function remove() {
    await request(deleteSecret, { params: { name: row.name } });
    toastDone(`Deleted ${row.name}`);
    await queryClient.invalidateQueries({ queryKey: secretKeys.list });
  }

  return (
    <TableRow>
      <Cell>
        <div className="truncate font-mono text-code">{row.name}</div>
        {row.description ? <div className="truncate text-small text-text-3 sm:hidden">{row.description}</div> : null}
      </Cell>
      <Cell className="truncate text-text-2 max-sm:hidden">{row.description || '—'}</Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={row.updated_at} />
      </Cell>
      <Cell className="whitespace-nowrap px-1 text-right">
        <IconButton icon={PencilLine} label={`Replace ${row.name}`} size="row" onClick={() => setOpen('replace')} />
        <IconButton icon={Trash2} label={`Delete ${row.name}`} size="row" onClick={() => setOpen('delete')} />
        {open === 'replace' ? <SecretDialog row={row} onClose={() => setOpen(null)} /> : null}
        <ConfirmDialog
          open={open === 'delete'}
          onOpenChange={(on) => setOpen(on ? 'delete' : null)}
          title={`Delete ${row.name}?`}
          body="Steps that read it fail from now on. Its value can't be brought back."
          action="Delete secret"
          onConfirm={remove}
        />
      </Cell>
    </TableRow>
  );
}
