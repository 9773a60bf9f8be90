import { createContext } from 'react';

/** Opens the canvas of the steps inside of the step whose form this is; null where there is no such canvas. */
export const BodyContext = createContext<(() => void) | null>(null);
