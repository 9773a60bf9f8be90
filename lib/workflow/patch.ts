import type { Json } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';

/** One operation of an RFC 6902 patch. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** A small patch that turns `before` into `after` with any RFC 6902 library. Empty for equal values. */
export declare function createPatch(before: Json, after: Json): PatchOperation[];

/** `before` with a patch applied, as a new value; all or nothing. */
export declare function applyPatch(
  before: Json,
  patch: readonly PatchOperation[],
): { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problems: readonly Problem[] };
