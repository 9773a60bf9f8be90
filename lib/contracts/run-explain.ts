import { z } from 'zod';
import { contract, JsonShape } from '#lib/contracts/contract.ts';
import { RunParams, RunStatusShape } from '#lib/contracts/runs.ts';
import { STEP_STATUSES } from '#lib/engine/events.ts';

const ReadShape = z
  .object({
    path: z.string().meta({ examples: ['steps.fetch.output.count'] }),
    value: JsonShape.optional().meta({ description: 'Absent where the path led nowhere' }),
    cut: z.literal(true).optional().meta({ description: 'The value was too large to be kept: this is its beginning, or says what it was' }),
  })
  .meta({ id: 'ReadValue' });

const StepExplanation = z
  .object({
    step_key: z.string().meta({ description: 'Inside a loop `each[3].fetch`' }),
    name: z.string(),
    status: z.enum(STEP_STATUSES),
    kind: z.enum(['ran', 'skipped', 'not_started', 'waiting', 'pending', 'cancelled']),
    sentence: z.string().meta({ description: 'Why, in plain words' }),
    edges: z
      .array(z.object({ from: z.string(), branch: z.string().nullable(), state: z.enum(['open', 'satisfied', 'dead', 'missed']) }))
      .meta({ description: 'What each dependency says' }),
    waits_for: z.array(z.string()).meta({ description: 'Steps that have to end before it can start' }),
    conditions: z.array(
      z.object({
        condition: z.enum(['skip_when', 'run_when']),
        expression: z.string(),
        value: z.boolean().nullable().meta({ description: 'Null before it was asked' }),
        read: z.array(ReadShape).meta({ description: 'What it read; outputs of sensitive steps are masked' }),
      }),
    ),
  })
  .meta({ id: 'StepExplanation' });

export const explainRun = contract({
  operation: 'explainRun',
  method: 'GET',
  path: '/api/workflows/runs/{run_id}/explain',
  tag: 'Runs',
  permission: 'runs:read',
  status: 200,
  summary: 'Say why a run and its steps stand as they do',
  description:
    'Why each step ran, was skipped, waits or was retried: which dependency, which condition with the values it read, which event, decision, run, limit or queue. `step` asks for one step, inside loops too.',
  params: RunParams,
  query: z.object({ step: z.string().min(1).max(500).optional().meta({ description: 'Key of a step; all outermost steps without it' }) }),
  answer: z.object({
    run: z.object({ id: z.string(), status: RunStatusShape, sentence: z.string() }),
    steps: z.array(StepExplanation),
  }),
  errors: ['not_found'],
});
