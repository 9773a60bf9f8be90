'use client';

import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';

interface LoadErrorProps {
  /** What could not be read: "the workflows". */
  readonly what: string;
  readonly error: Error;
  readonly retry: () => void;
  readonly className?: string;
}

/** Stands where the content would stand when it could not be fetched. */
export function LoadError({ what, error, retry, className }: LoadErrorProps) {
  return (
    <EmptyState title={`Could not load ${what}`} action={<Button onClick={retry}>Try again</Button>} {...(className ? { className } : {})}>
      <span role="alert">{error.message}</span>
    </EmptyState>
  );
}
