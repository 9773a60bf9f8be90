import { useEffect, useState } from 'react';

const TICK_MS = 100;

/** The present moment in milliseconds, told ten times a second while something goes on; stands still otherwise. */
export function useTicking(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}
