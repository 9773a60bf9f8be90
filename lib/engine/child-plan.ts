import type { Json, JsonObject } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';

/** What a step wants to run. */
export interface ChildWish {
  readonly workflowId: string;
  /** Null for the newest. */
  readonly version: number | null;
  readonly input: Json;
}

/** A run that can be started, with its id given: the data of a wait for it. Or why there is none. */
export type ChildPlan = { readonly child: JsonObject } | { readonly error: RunError };
export type ChildStart = { readonly run_id: string } | { readonly error: RunError };
