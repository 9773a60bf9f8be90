'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useRef, useState } from 'react';

/** Writes one filter into the address without asking the server; an empty value takes it out. */
export function setUrlFilter(key: string, value: string): void {
  const url = new URL(window.location.href);
  if (value === '') url.searchParams.delete(key);
  else url.searchParams.set(key, value);
  window.history.replaceState(null, '', url);
}

/** Takes several filters out of the address at once. */
export function clearUrlFilters(keys: readonly string[]): void {
  const url = new URL(window.location.href);
  for (const key of keys) url.searchParams.delete(key);
  window.history.replaceState(null, '', url);
}

/** A filter that lives in the address, so that a reload, a bookmark and the back button keep it. */
export function useUrlFilter(key: string): readonly [string, (value: string) => void] {
  const value = useSearchParams().get(key) ?? '';
  const set = useCallback((next: string) => setUrlFilter(key, next), [key]);
  return [value, set];
}

const TYPING_PAUSE_MS = 200;

/** The same for a text field: what is typed shows at once and reaches the address after a pause. */
export function useUrlSearch(key: string): { readonly typed: string; readonly settled: string; readonly type: (value: string) => void } {
  const [settled, settle] = useUrlFilter(key);
  const [typed, setTyped] = useState(settled);
  const written = useRef(settled);
  useEffect(() => {
    // The address changed from elsewhere (back button, "Clear filters").
    if (settled !== written.current) {
      written.current = settled;
      setTyped(settled);
    }
  }, [settled]);
  useEffect(() => {
    if (typed === written.current) return;
    const stop = () => {
      clearTimeout(timer);
      window.removeEventListener('click', write, { capture: true });
    };
    const write = () => {
      stop();
      written.current = typed;
      settle(typed);
    };
    const timer = setTimeout(write, TYPING_PAUSE_MS);
    // A click may lead to another page: an address written after that would call the way there off.
    window.addEventListener('click', write, { capture: true });
    return stop;
  }, [typed, settle]);
  return { typed, settled, type: setTyped };
}
