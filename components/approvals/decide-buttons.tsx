import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import type { Approval } from '#lib/contracts/approvals.ts';
import { DecideDialog } from './decide-dialog.tsx';

/** Approve and reject, for those who may; for others, who may. */
export function DecideButtons({ approval }: { approval: Approval }) {
  const [open, setOpen] = useState<'approved' | 'rejected' | null>(null);
  if (!approval.may_decide) {
    const who = approval.approvers.length === 0 ? 'those who may change runs' : approval.approvers.join(', ');
    return <p className="text-small text-text-3">To be decided by {who}.</p>;
  }
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="page" onClick={() => setOpen('approved')}>
        <Check className="size-4" aria-hidden />
        Approve
      </Button>
      <Button size="page" variant="ghost" onClick={() => setOpen('rejected')}>
        <X className="size-4" aria-hidden />
        Reject
      </Button>
      {open === null ? null : <DecideDialog approval={approval} decision={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
