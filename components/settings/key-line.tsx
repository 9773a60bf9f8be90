'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { Cell, TableRow } from '#components/ui/table.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { accountKeys } from '#lib/client/account.ts';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { type KeyRow, revokeKey } from '#lib/contracts/account.ts';
import { PERMISSIONS } from '#lib/contracts/contract.ts';

/** One key: what it is called, what it may do, when it was used, and how to take it away. */
export function KeyLine({ row }: { row: KeyRow }) {
  const queryClient = useQueryClient();
  const [revoking, setRevoking] = useState(false);

  async function revoke() {
    await request(revokeKey, { params: { id: row.id } });
    toastDone(`Revoked ${row.name}`);
    await queryClient.invalidateQueries({ queryKey: accountKeys.keys });
  }

  return (
    <TableRow>
      <Cell>
        <div className="truncate font-medium">{row.name}</div>
        <div className="truncate text-small text-text-3 sm:hidden">
          {row.prefix}… · {row.expires_at === null ? 'never expires' : <Expiry row={row} />}
        </div>
      </Cell>
      <Cell className="font-mono text-code text-text-2 max-sm:hidden">{row.prefix}…</Cell>
      <Cell className="max-md:hidden">
        <Scopes scopes={row.scopes} />
      </Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <RelativeTime iso={row.last_used_at} />
      </Cell>
      <Cell numeric className="text-small text-text-2 max-sm:hidden">
        <Expiry row={row} />
      </Cell>
      <Cell className="px-1 text-right max-sm:w-13">
        <IconButton icon={Trash2} label={`Revoke ${row.name}`} size="row" onClick={() => setRevoking(true)} />
        <ConfirmDialog
          open={revoking}
          onOpenChange={setRevoking}
          title={`Revoke ${row.name}?`}
          body="Programs that use it are refused from now on. This can't be undone; a new key can be made at any time."
          action="Revoke key"
          onConfirm={revoke}
        />
      </Cell>
    </TableRow>
  );
}

function Expiry({ row }: { row: KeyRow }) {
  if (row.expires_at === null) return <>never</>;
  if (Date.parse(row.expires_at) <= Date.now()) return <span className="font-medium text-text-1">expired</span>;
  return <RelativeTime iso={row.expires_at} />;
}

/** The scopes in words where they fit, else how many with the list in a tooltip. */
function Scopes({ scopes }: { scopes: KeyRow['scopes'] }) {
  const words = scopes.join(', ');
  if (scopes.length === 1) return <span className="font-mono text-code text-text-2">{words}</span>;
  const label = scopes.length === PERMISSIONS.length ? 'all scopes' : plural(scopes.length, 'scope');
  return (
    <Tooltip content={words}>
      <button
        type="button"
        aria-label={`${label}: ${words}`}
        className="cursor-default rounded-chip text-small text-text-2 underline decoration-dotted underline-offset-2"
      >
        {label}
      </button>
    </Tooltip>
  );
}
