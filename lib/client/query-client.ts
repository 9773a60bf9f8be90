import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '#lib/client/request.ts';

/** A client whose queries repeat only what repeating can heal: lost connections and 5xx, twice. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500 && error.status !== 0),
      },
      mutations: { retry: false },
    },
  });
}
