import { z } from 'zod';
import { LOOP_MODES } from '#lib/workflow/step-type.ts';
import type { BlockNode, Payload, StartNode as StartNodeType, TreeBranch, TreeNode } from '#lib/workflow/tree-node.ts';

/** The tree of a version on the wire; its nodes nest, so the kinds name each other. */
const PayloadShape: z.ZodType<Payload> = z
  .lazy(() =>
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('unknown') }),
      z.object({ type: z.literal('object'), fields: z.record(z.string(), PayloadShape) }),
    ]),
  )
  .meta({ id: 'GraphPayload' });

const nodes = z.lazy(() => z.array(GraphNode));

const leaf = {
  step: z.string().meta({ description: 'Id of the step in the definition' }),
  name: z.string(),
  starts: z.int().optional().meta({ description: 'Row in which it begins, in a block whose edges cross' }),
  resolves: z.int().optional().meta({ description: 'Row that waits for its end' }),
};

const Span = z.union([z.number().meta({ description: 'Seconds' }), z.string()]);

const Block: z.ZodType<BlockNode> = z.object({ type: z.literal('block'), nodes }).meta({ id: 'GraphBlock' });

const Branch: z.ZodType<TreeBranch> = z
  .object({
    branch: z.string().nullable().meta({ description: 'Its name on the canvas; null for a condition of the step itself' }),
    condition: z.string().nullable().meta({ description: 'An expression; null for what is left' }),
    nodes,
  })
  .meta({ id: 'GraphBranch' });

const StepDo = z.object({
  type: z.literal('step_do'),
  ...leaf,
  config: z.object({
    retries: z.object({
      limit: z.int().meta({ description: 'Attempts after the first' }),
      delay: z.number().meta({ description: 'Milliseconds' }),
      backoff: z.enum(['constant', 'linear', 'exponential']),
    }),
    timeout: z.number().nullable().meta({ description: 'Milliseconds' }),
  }),
});

export const StartNode: z.ZodType<StartNodeType> = z
  .object({ type: z.literal('start'), name: z.string(), payload: PayloadShape, nodes })
  .meta({ id: 'GraphStart' });

const GraphNode: z.ZodType<TreeNode> = z
  .lazy(() =>
    z.union([
      StartNode,
      StepDo,
      z.object({ type: z.literal('step_sleep'), ...leaf, duration: Span }),
      z.object({ type: z.literal('step_sleep_until'), ...leaf, timestamp: z.string() }),
      z.object({
        type: z.literal('step_wait_for_event'),
        ...leaf,
        options: z.object({ event_type: z.string(), timeout: Span }).nullable(),
      }),
      z.object({ type: z.literal('function_call'), ...leaf }).meta({ description: 'A run of another workflow; `name` is its id' }),
      z.object({ type: z.literal('loop'), step: z.string(), items: z.string().nullable(), while: z.string().nullable(), nodes }),
      z.object({ type: z.literal('parallel'), kind: z.enum(LOOP_MODES), nodes }),
      z.object({ type: z.literal('if'), step: z.string().nullable(), branches: z.array(Branch) }),
      z.object({ type: z.literal('switch'), step: z.string(), discriminant: z.string(), branches: z.array(Branch) }),
      z.object({ type: z.literal('try'), try_block: Block, catch_block: Block, finally_block: z.null() }),
      Block,
      z.object({ type: z.literal('break'), kind: z.literal('break') }),
    ]),
  )
  .meta({ id: 'GraphNode' });
