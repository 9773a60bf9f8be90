const SINGLE_KEYS = 'weftline-single-keys';

/** Cookie that remembers the rail, so that the server draws it at the right width at once. */
export const RAIL_COOKIE = 'weftline_rail';

/** Whether the rail is open, on pages and beside a canvas. */
export interface RailState {
  readonly pages: boolean;
  readonly canvas: boolean;
}

const YEAR_SECONDS = 31_536_000;

/** Reads the cookie's value: two digits, pages then canvas. Open on pages and folded beside a canvas by default. */
export function readRailState(cookie: string | undefined): RailState {
  if (cookie === undefined || !/^[01]{2}$/.test(cookie)) return { pages: true, canvas: false };
  return { pages: cookie[0] === '1', canvas: cookie[1] === '1' };
}

export function rememberRailState(state: RailState): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we support
  document.cookie = `${RAIL_COOKIE}=${state.pages ? 1 : 0}${state.canvas ? 1 : 0}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

/** Whether shortcuts without a modifier work; people who dictate turn them off (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  return window.localStorage.getItem(SINGLE_KEYS) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  if (on) window.localStorage.removeItem(SINGLE_KEYS);
  else window.localStorage.setItem(SINGLE_KEYS, 'off');
}
