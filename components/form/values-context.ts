import { createContext } from 'react';
import type { ValuesInReach } from './values-in-reach.ts';

/** What the expression fields of a form may read; null where a form has no expressions. */
export const ValuesContext = createContext<ValuesInReach | null>(null);
