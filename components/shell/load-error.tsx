'use client';

import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ApiError } from '#lib/client/request.ts';

interface LoadErrorProps {
  /** What could not be read: "the workflows". */
  readonly what: string;
  readonly error: Error;
  readonly retry: () => void;
  readonly className?: string;
}

/** Stands where the content would stand when it could not be fetched. What is not there is not asked for again. */
export function LoadError({ what, error, retry, className }: LoadErrorProps) {
  const look = className ? { className } : {};
  if (error instanceof ApiError && error.status === 404) {
    return (
      <EmptyState title={error.message.replace(/\.$/, '')} {...look}>
        <span role="alert">It may have been deleted, or it belongs to another workspace.</span>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`Could not load ${what}`} action={<Button onClick={retry}>Try again</Button>} {...look}>
      <span role="alert">{error.message}</span>
    </EmptyState>
  );
}
