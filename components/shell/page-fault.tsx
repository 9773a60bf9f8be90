'use client';

import Link from 'next/link';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';

interface PageFaultProps {
  readonly error: Error & { digest?: string };
  readonly retry: () => void;
}

/** A page that broke while it was drawn: what to do, and the number under which the server's log knows it. */
export function PageFault({ error, retry }: PageFaultProps) {
  return (
    <div role="alert" className="px-6 py-12">
      <EmptyState title="This page broke" action={<Button onClick={retry}>Try again</Button>}>
        Your work is kept on the server. If it breaks again, reload the page
        {error.digest ? ` and look for ${error.digest} in the server's log` : ''}.
      </EmptyState>
    </div>
  );
}

/** A path that leads nowhere. */
export function NothingHere() {
  return (
    <div className="px-6 py-12">
      <EmptyState
        title="Nothing is here"
        action={
          <Button asChild>
            <Link href="/">Go to workflows</Link>
          </Button>
        }
      >
        The address is wrong, or what stood here was deleted.
      </EmptyState>
    </div>
  );
}
