import type { Json, JsonObject } from '#lib/base/json.ts';
import type { GraphStep } from './graph.ts';
import type { LOOP_MODES, StepOutline } from './step-type.ts';

/** A version told as a program: what runs one after another, side by side, in which case, again and again. */
export type TreeNode =
  | StartNode
  | WorkNode
  | (Leaf & { readonly type: 'step_sleep'; readonly duration: number | string })
  | (Leaf & { readonly type: 'step_sleep_until'; readonly timestamp: string })
  | (Leaf & {
      readonly type: 'step_wait_for_event';
      readonly options: { readonly event_type: string; readonly timeout: number | string } | null;
    })
  | (Leaf & { readonly type: 'function_call' })
  | {
      readonly type: 'loop';
      readonly step: string;
      readonly items: string | null;
      readonly while: string | null;
      readonly nodes: readonly TreeNode[];
    }
  | { readonly type: 'parallel'; readonly kind: (typeof LOOP_MODES)[number]; readonly nodes: readonly TreeNode[] }
  | { readonly type: 'if'; readonly step: string | null; readonly branches: readonly TreeBranch[] }
  | { readonly type: 'switch'; readonly step: string; readonly discriminant: string; readonly branches: readonly TreeBranch[] }
  | { readonly type: 'try'; readonly try_block: BlockNode; readonly catch_block: BlockNode; readonly finally_block: null }
  | BlockNode
  | { readonly type: 'break'; readonly kind: 'break' };

/** The root: the workflow itself, and what it takes. */
export interface StartNode {
  readonly type: 'start';
  readonly name: string;
  readonly payload: Payload;
  readonly nodes: readonly TreeNode[];
}

interface Leaf {
  readonly step: string;
  readonly name: string;
  /** Row in which it begins, where the order of a block's nodes does not say it; and the row that waits for its end. */
  readonly starts?: number | undefined;
  readonly resolves?: number | undefined;
}

interface WorkNode extends Leaf {
  readonly type: 'step_do';
  readonly config: {
    readonly retries: { readonly limit: number; readonly delay: number; readonly backoff: 'constant' | 'linear' | 'exponential' };
    /** Milliseconds, as the delay is; null for no limit. */
    readonly timeout: number | null;
  };
}

export interface BlockNode {
  readonly type: 'block';
  readonly nodes: readonly TreeNode[];
}

export interface TreeBranch {
  /** Name of the branch on the canvas; null for a condition of the step itself. */
  readonly branch: string | null;
  /** Null for what is left. */
  readonly condition: string | null;
  readonly nodes: readonly TreeNode[];
}

export type Payload = { readonly type: 'unknown' } | { readonly type: 'object'; readonly fields: Readonly<Record<string, Payload>> };

/** The row where a leaf begins and the one that waits for it. */
export interface Rows {
  readonly starts: number;
  readonly resolves: number;
}

export function block(nodes: readonly TreeNode[]): BlockNode {
  return { type: 'block', nodes };
}

/** The node of a step alone, without what follows on its branches. */
export function leafOf(step: GraphStep, outline: StepOutline, rows: Rows | undefined): TreeNode {
  const leaf = { step: step.id, name: step.source.name ?? step.id, ...rows };
  if (outline.kind === 'sleep') return { type: 'step_sleep', ...leaf, duration: outline.duration };
  if (outline.kind === 'sleep_until') return { type: 'step_sleep_until', ...leaf, timestamp: outline.timestamp };
  if (outline.kind === 'event') return { type: 'step_wait_for_event', ...leaf, options: outline.event };
  if (outline.kind === 'call') return { type: 'function_call', ...leaf, name: outline.name };
  const { maxAttempts, delay, backoff } = step.retry;
  return { type: 'step_do', ...leaf, config: { retries: { limit: maxAttempts - 1, delay, backoff }, timeout: step.timeout } };
}

/** Nested objects of a schema with fields; everything else is unknown. */
export function payloadOf(schema: Json | undefined): Payload {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return { type: 'unknown' };
  const { properties } = schema as JsonObject;
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) return { type: 'unknown' };
  return { type: 'object', fields: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, payloadOf(field)])) };
}
