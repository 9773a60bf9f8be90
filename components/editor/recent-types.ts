const STORAGE_KEY = 'weftline-recent-steps';
/** The palette is short: more than this would only repeat it. */
const MOST = 3;

/** The step types that were added last in this browser, newest first. */
export function recentTypes(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(globalThis.localStorage?.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((type) => typeof type === 'string').slice(0, MOST) : [];
  } catch {
    // Storage may be forbidden, or hold anything: then nothing is recent.
    return [];
  }
}

/** Remembers that a type was added. */
export function rememberType(type: string): void {
  try {
    const types = [type, ...recentTypes().filter((known) => known !== type)].slice(0, MOST);
    globalThis.localStorage?.setItem(STORAGE_KEY, JSON.stringify(types));
  } catch {
    // Not being able to remember is no reason to stop.
  }
}
