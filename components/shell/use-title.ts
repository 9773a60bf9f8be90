'use client';

import { useEffect } from 'react';

/** Names the browser's tab after what is open, once its name is known: "nightly-sync · Runs · Weftline". */
export function useTitle(...parts: readonly (string | undefined)[]): void {
  const title = parts.includes(undefined) ? null : [...parts, 'Weftline'].join(' · ');
  useEffect(() => {
    if (title !== null) document.title = title;
  }, [title]);
}
