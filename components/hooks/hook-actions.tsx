import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ear, Ellipsis, Power, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem } from '#components/ui/menu.tsx';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { hookKeys } from '#lib/client/hooks.ts';
import { request } from '#lib/client/request.ts';
import { deleteHook, type Hook, listenHook, rotateHook, updateHook } from '#lib/contracts/hooks.ts';
import { AddressOnce } from './address-once.tsx';

/** Listen for a test call, turn off, give a new address, delete. */
export function HookActions({ hook }: { hook: Hook }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const [path, setPath] = useState<string | null>(null);
  const params = { id: hook.workflow_id, hook_id: hook.id };
  const refresh = () => queryClient.invalidateQueries({ queryKey: hookKeys.all });
  const failed = (thrown: unknown) => toastFailed(errorMessage(thrown));
  const isListening = hook.listening_until !== null;
  const listen = useMutation({
    mutationFn: () => request(listenHook, { params, body: { seconds: isListening ? 0 : 120 } }),
    onSuccess: refresh,
    onError: failed,
  });
  const turn = useMutation({
    mutationFn: () => request(updateHook, { params, body: { enabled: !hook.enabled } }),
    onSuccess: refresh,
    onError: failed,
  });

  async function rotate() {
    setPath((await request(rotateHook, { params, body: {} })).path);
    await refresh();
  }

  async function remove() {
    await request(deleteHook, { params });
    toastDone(`Deleted ${hook.name}`);
    await refresh();
  }

  return (
    <>
      <Button loading={listen.isPending} onClick={() => listen.mutate()}>
        <Ear className="size-4" aria-hidden />
        {isListening ? 'Stop listening' : 'Listen for a test call'}
      </Button>
      <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${hook.name}`} />}>
        <MenuItem icon={Power} onSelect={() => turn.mutate()}>
          {hook.enabled ? 'Turn off' : 'Turn on'}
        </MenuItem>
        <MenuItem icon={RefreshCw} onSelect={() => setAsking('rotate')}>
          New address
        </MenuItem>
        <MenuItem icon={Trash2} onSelect={() => setAsking('delete')}>
          Delete hook
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={(open) => setAsking(open ? 'rotate' : null)}
        title={`Give ${hook.name} a new address?`}
        body="Calls to the old address are refused from then on."
        action="New address"
        onConfirm={rotate}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onOpenChange={(open) => setAsking(open ? 'delete' : null)}
        title={`Delete ${hook.name}?`}
        body="Its address stops working, and its stored calls go with it."
        action="Delete hook"
        onConfirm={remove}
      />
      {path === null ? null : <AddressOnce name={hook.name} path={path} onClose={() => setPath(null)} />}
    </>
  );
}
