export type Detail = 'full' | 'compact' | 'flat' | 'dust';

const LEVELS: readonly { readonly detail: Detail; readonly from: number }[] = [
  { detail: 'full', from: 0.6 },
  { detail: 'compact', from: 0.35 },
  { detail: 'flat', from: 0.15 },
  { detail: 'dust', from: 0 },
];
/** A level is left only this far beyond its border, so that a trembling zoom doesn't flicker. */
const HYSTERESIS = 0.03;

/** How much of a card is drawn at a zoom, given what is drawn now. */
export function detailAt(zoom: number, current: Detail | null): Detail {
  const index = LEVELS.findIndex((level) => zoom >= level.from);
  const next = LEVELS[index]?.detail ?? 'dust';
  if (current === null || next === current) return next;
  const was = LEVELS.findIndex((level) => level.detail === current);
  const border = index > was ? (LEVELS[was]?.from ?? 0) : (LEVELS[index]?.from ?? 0);
  return Math.abs(zoom - border) < HYSTERESIS && Math.abs(index - was) === 1 ? current : next;
}

/** Strength of the ground's dots: full at .6 and above, none at .4 and below. */
export function dotStrength(zoom: number): number {
  return Math.min(1, Math.max(0, (zoom - 0.4) / 0.2));
}
