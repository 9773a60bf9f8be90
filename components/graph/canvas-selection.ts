/** Ids of what is selected; edges by `edgeKey`. */
export interface CanvasSelection {
  readonly steps: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

export const NO_SELECTION: CanvasSelection = { steps: new Set(), edges: new Set() };

/** One step and nothing else. */
export function selectStep(step: string): CanvasSelection {
  return { steps: new Set([step]), edges: new Set() };
}
