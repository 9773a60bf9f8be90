'use client';

import { useQueryClient } from '@tanstack/react-query';
import { PencilLine, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Cell, TableRow } from '#components/ui/table.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { agentKeys } from '#lib/client/agents.ts';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { type AgentRow, deleteAgent } from '#lib/contracts/agents.ts';
import { AgentDialog } from './agent-dialog.tsx';

/** One agent: its model and what it may use. */
export function AgentLine({ row }: { row: AgentRow }) {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<'change' | 'delete' | null>(null);
  const { model, base_url, provider, tools } = row.settings;

  async function remove() {
    await request(deleteAgent, { params: { id: row.id } });
    toastDone(`Deleted ${row.name}`);
    await queryClient.invalidateQueries({ queryKey: agentKeys.list });
  }

  return (
    <TableRow>
      <Cell>
        <div className="truncate font-medium">{row.name}</div>
        <div className="truncate text-small text-text-3 sm:hidden">{model}</div>
      </Cell>
      <Cell className="max-sm:hidden">
        <div className="truncate font-mono text-code text-text-2">{model}</div>
        <div className="truncate text-small text-text-3">{base_url === undefined ? provider : new URL(base_url).host}</div>
      </Cell>
      <Cell className="text-small text-text-2 max-sm:hidden">{tools.length === 0 ? 'no tools' : plural(tools.length, 'tool')}</Cell>
      <Cell className="whitespace-nowrap px-1 text-right">
        <IconButton icon={PencilLine} label={`Change ${row.name}`} size="row" onClick={() => setOpen('change')} />
        <IconButton icon={Trash2} label={`Delete ${row.name}`} size="row" onClick={() => setOpen('delete')} />
        {open === 'change' ? <AgentDialog row={row} onClose={() => setOpen(null)} /> : null}
        <ConfirmDialog
          open={open === 'delete'}
          onOpenChange={(on) => setOpen(on ? 'delete' : null)}
          title={`Delete ${row.name}?`}
          body="Steps that name it fail from now on."
          action="Delete agent"
          onConfirm={remove}
        />
      </Cell>
    </TableRow>
  );
}
