import type { Json, JsonObject } from '#lib/base/json.ts';
import { defaultNodeId } from './node-id.ts';
import type { Millis, StepOptions } from './step-options.ts';

/** What a step's function is given. */
export interface StepContext {
  /** From 1. */
  readonly attempt: number;
  /** The same in every attempt of this step: give it to what must not happen twice. */
  readonly idempotencyKey: string;
  /** Aborted when nobody waits for the attempt any more: it took too long, lost a race, or the run was cancelled. */
  readonly signal: AbortSignal;
  log(line: string): void;
  /** How far it is, 0…1. */
  progress(share: number): void;
}

/** An event that came for `step.waitForEvent`. */
export interface StepEvent<Payload = Json> {
  readonly type: string;
  readonly payload: Payload;
  /** When it came: ISO 8601, UTC. */
  readonly timestamp: string;
}

/**
 * The steps of code. Each is recorded once under its name and a counter (`charge-1`), and never executed again when it has
 * ended; their promises may be awaited one by one or through `Promise.all`, `any`, `race` and `allSettled`.
 */
export interface Steps {
  /** Does something that takes time, has an effect, or gives another answer tomorrow. Its result is kept as JSON. */
  do<T>(name: string, work: (context: StepContext) => Promise<T> | T): Promise<T>;
  do<T>(name: string, options: StepOptions, work: (context: StepContext) => Promise<T> | T): Promise<T>;
  /** Waits, without holding a process. */
  sleep(name: string, duration: Millis): Promise<void>;
  sleepUntil(name: string, moment: Date | number | string): Promise<void>;
  /** Waits for an event that is sent to the run; throws `WaitTimeoutError` when none comes in time (24 hours where nothing is said). */
  waitForEvent<Payload = Json>(name: string, options: { readonly type: string; readonly timeout?: Millis }): Promise<StepEvent<Payload>>;
}

export interface WorkflowOptions {
  readonly description?: string;
  /** JSON Schema of the input; another input is refused when a run is started. */
  readonly inputSchema?: JsonObject;
  /** The queue that its task workers serve; `default` without it. */
  readonly queue?: string;
  /** How many steps a run may have, that of the code itself included. */
  readonly limits?: { readonly steps?: number };
  /** How long a run may take. */
  readonly timeout?: string;
  /** Id of the step that the code is in the definition. */
  readonly nodeId?: string;
}

/**
 * A function that is executed by replay: whenever it goes on, it begins anew and is given the results that are recorded. So
 * it has to take the same way each time: time, chance, and whatever comes from outside belong into a step.
 */
export type WorkflowFunction<Input, Output> = (step: Steps, input: Input) => Promise<Output>;

export interface CodeWorkflow<Input = never, Output = unknown> {
  readonly name: string;
  readonly run: WorkflowFunction<Input, Output>;
  /** What the server keeps of it: a workflow of one step, whose code this is. */
  readonly definition: JsonObject;
}

export function workflow<Input = Json, Output = unknown>(name: string, run: WorkflowFunction<Input, Output>): CodeWorkflow<Input, Output>;
export function workflow<Input = Json, Output = unknown>(
  name: string,
  options: WorkflowOptions,
  run: WorkflowFunction<Input, Output>,
): CodeWorkflow<Input, Output>;
/** Makes a workflow of a function. Give it to `createTaskWorker`, which registers and executes it. */
export function workflow<Input, Output>(
  name: string,
  second: WorkflowOptions | WorkflowFunction<Input, Output>,
  third?: WorkflowFunction<Input, Output>,
): CodeWorkflow<Input, Output> {
  const options = typeof second === 'function' ? {} : second;
  const run = typeof second === 'function' ? second : third;
  if (run === undefined) throw new TypeError(`The workflow '${name}' has no function`);
  if (name.trim() !== name || name === '' || name.length > 200)
    throw new RangeError('The name of a workflow has 1 to 200 characters and no blanks around it');
  return Object.freeze({ name, run, definition: definitionOf(name, options) });
}

function definitionOf(name: string, { description, inputSchema, queue, limits, timeout, nodeId }: WorkflowOptions): JsonObject {
  const id = nodeId ?? defaultNodeId(name, 0);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(inputSchema === undefined ? {} : { input_schema: inputSchema }),
    output: id,
    ...(timeout === undefined ? {} : { timeout }),
    ...(limits?.steps === undefined ? {} : { limits: { steps: limits.steps } }),
    steps: [{ id, name, type: 'code', config: { workflow: name }, ...(queue === undefined ? {} : { queue }) }],
  };
}
