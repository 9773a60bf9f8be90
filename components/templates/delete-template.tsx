import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { templateKeys } from '#lib/client/templates.ts';
import { deleteTemplate, type TemplateRow } from '#lib/contracts/templates.ts';

/** Deletes a template of one's own, after asking. `leave`: its own page is shown, which is gone then. */
export function DeleteTemplate({ template, leave = false }: { template: TemplateRow; leave?: boolean }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const [asking, setAsking] = useState(false);

  async function remove() {
    await request(deleteTemplate, { params: { id: template.id } });
    toastDone(`Deleted ${template.name}`);
    if (leave) router.push('/templates');
    await queryClient.invalidateQueries({ queryKey: templateKeys.list });
  }

  return (
    <>
      <IconButton icon={Trash2} label={`Delete ${template.name}`} size="row" className="relative z-1" onClick={() => setAsking(true)} />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${template.name}?`}
        body="Workflows that were installed from it stay as they are. This can't be undone."
        action="Delete template"
        onConfirm={remove}
      />
    </>
  );
}
