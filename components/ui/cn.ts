import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

const merge = extendTailwindMerge({
  extend: {
    classGroups: {
      'font-size': [{ text: ['title', 'section', 'heading', 'body', 'small', 'micro', 'doc', 'code', 'code-small', 'input-touch'] }],
      rounded: [{ rounded: ['mark', 'chip', 'control', 'card', 'dialog'] }],
      shadow: [{ shadow: ['s1', 's2', 's3'] }],
    },
  },
});

/** Joins class names; of two that set the same property the later one wins, so a caller can adjust a kit component. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
