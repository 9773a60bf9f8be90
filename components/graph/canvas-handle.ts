import type { Position } from '#lib/workflow/definition.ts';
import type { Point } from './edge-path.ts';

/** Room around a fitted graph; more on the right, where pills of unconnected branches stand. */
export const FIT_PADDING = { top: '48px', right: '96px', bottom: '64px', left: '32px' } as const;

/** How code outside moves the canvas and translates between screen and canvas pixels. */
export interface CanvasHandle {
  readonly fit: () => void;
  /**
   * Where a look at the graph begins: the whole of it where it can be read then, else at a readable size that step, or
   * its first steps.
   */
  readonly begin: (step: string | null) => void;
  /** Brings a step to the middle without changing the zoom, unless it is too far out to be read. */
  readonly reveal: (step: string) => void;
  /** Gives a step's card the keyboard focus. */
  readonly focus: (step: string) => void;
  readonly toCanvas: (screen: Point) => Position;
  /** The canvas position in the middle of what is seen. */
  readonly center: () => Position;
  readonly positions: () => ReadonlyMap<string, Position>;
}
