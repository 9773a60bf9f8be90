import { useSyncExternalStore } from 'react';

const COARSE = '(pointer: coarse)';

function onPointerKind(notify: () => void): () => void {
  const media = window.matchMedia(COARSE);
  media.addEventListener('change', notify);
  return () => media.removeEventListener('change', notify);
}

/** True on touch screens, where one finger moves the canvas in place of drawing a selection. */
export function useIsCoarse(): boolean {
  return useSyncExternalStore(
    onPointerKind,
    () => window.matchMedia(COARSE).matches,
    () => false,
  );
}
