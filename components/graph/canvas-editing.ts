import { createContext } from 'react';
import type { Position } from '#lib/workflow/definition.ts';
import type { Point } from './edge-path.ts';

/** The port of a step that an edge leaves from. */
export interface PortRef {
  readonly from: string;
  /** Null is the plain "completed" port. */
  readonly branch: string | null;
}

/** What an editable canvas asks of its owner. A canvas without it is read-only. All of it is user intent, as data. */
export interface CanvasEditing {
  /** Why this edge may not be drawn, in words for a person, or null when it may. */
  readonly refusal: (port: PortRef, to: string) => string | null;
  readonly connect: (port: PortRef, to: string) => void;
  readonly reconnect: (edge: string, port: PortRef, to: string) => void;
  /** Once for a whole drag. */
  readonly move: (positions: ReadonlyMap<string, Position>) => void;
  /** Choose the step that follows a port; `at` is where the menu opens, in screen pixels. */
  readonly pickNext: (port: PortRef, at: Point) => void;
  /** Choose the step that goes between an edge's ends. */
  readonly pickOnEdge: (edge: string, at: Point) => void;
  /** A palette entry was dropped; `edge` is set when it was dropped on one. `at` is in canvas pixels. */
  readonly dropType: (type: string, at: Position, edge: string | null) => void;
  /** An unconnected card was dropped on an edge. */
  readonly dropOnEdge: (step: string, edge: string, positions: ReadonlyMap<string, Position>) => void;
  /** Open the steps that are inside of a step. */
  readonly openBody: (step: string) => void;
  /** Test the draft up to a step; absent where steps can't be tested. */
  readonly runTo?: (step: string) => void;
  readonly duplicate: (step: string) => void;
  readonly toggleEnabled: (step: string) => void;
  readonly remove: (step: string) => void;
  readonly tidy: () => void;
}

/** The owner's answers, for cards and edges deep inside the canvas library's tree; null where the canvas is read-only. */
export const CanvasEditingContext = createContext<CanvasEditing | null>(null);
