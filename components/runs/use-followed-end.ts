import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useState } from 'react';

const NEAR_END = 8;

interface FollowedEnd {
  /** How many rows came since the reader scrolled up. */
  readonly news: number;
  readonly onScroll: () => void;
  /** Back to the end, and on with it. */
  readonly follow: () => void;
}

/** Keeps a growing list at its end until the reader scrolls up, and then counts what is new. */
export function useFollowedEnd(
  box: RefObject<HTMLDivElement | null>,
  rows: Virtualizer<HTMLDivElement, Element>,
  count: number,
): FollowedEnd {
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(count);

  useEffect(() => {
    if (!following || count === 0) return;
    rows.scrollToIndex(count - 1, { align: 'end' });
    setSeen(count);
  }, [count, following, rows]);

  return {
    news: following ? 0 : Math.max(0, count - seen),
    onScroll() {
      const element = box.current;
      if (element !== null) setFollowing(element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_END);
    },
    follow: () => setFollowing(true),
  };
}
