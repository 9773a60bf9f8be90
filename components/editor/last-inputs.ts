import type { Json } from '#lib/base/json.ts';

/** The input that a workflow was last started with in this browser tab, so that it needn't be typed again. */

const KEY = 'weftline-input:';

export function rememberInput(workflowId: string, input: Json): void {
  try {
    window.sessionStorage.setItem(KEY + workflowId, JSON.stringify(input));
  } catch {
    // A full or forbidden storage loses a convenience and nothing else.
  }
}

export function rememberedInput(workflowId: string): Json | null {
  try {
    const text = window.sessionStorage.getItem(KEY + workflowId);
    return text === null ? null : (JSON.parse(text) as Json);
  } catch {
    return null;
  }
}
