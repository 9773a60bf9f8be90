import { parseDuration } from '#lib/base/duration.ts';
import type { JsonObject } from '#lib/base/json.ts';
import { DEFAULT_RUN_STEPS, type Definition, type Dependency, type Retry, type Step } from './definition.ts';
import { LOOP_MODES, type LoopMode, type StepBody, type StepCatalog, stepType } from './step-type.ts';

/**
 * A definition with every default resolved and every reference turned into an index: what the engine walks. Compile
 * once for each definition hash, share it between runs, never change it.
 */
export interface Graph {
  readonly definition: Definition;
  /** In definition order; `steps[i].index === i`. */
  readonly steps: readonly GraphStep[];
  readonly byId: ReadonlyMap<string, GraphStep>;
  /** Steps without dependencies that are no fallback of another: they start with the run. */
  readonly roots: readonly number[];
  /** Steps that nothing depends on: their outputs are the run's output where `output` names none. */
  readonly last: readonly number[];
  readonly onError: 'fail' | 'pause';
  /** Milliseconds a run may take, null for no limit. */
  readonly timeout: number | null;
  /** How many steps a run may have, those of each iteration counted anew. */
  readonly maxSteps: number;
  /** Of a run's own graph, which its code has added steps to: the one that it had before. */
  readonly drawn?: Graph;
}

/** What a step runs again and again: a graph of its own, once for each iteration. */
export interface Body {
  readonly graph: Graph;
  readonly mode: LoopMode;
  /** Asked before each iteration, where there is no list. */
  readonly while: string | null;
  /** Asked after each iteration. */
  readonly breakWhen: string | null;
}

/** What code may ask for: a step with work of its own, a sleep, or a wait for an event. Each counts its names apart. */
export const CALL_KINDS = ['do', 'sleep', 'wait'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** Of a step that code asked for while it ran. */
export interface Call {
  /** Index of the step whose code it was. */
  readonly by: number;
  readonly kind: CallKind;
  readonly name: string;
  readonly count: number;
  /** Ids of the steps whose results the code was given since its call before. */
  readonly seen: readonly string[];
}

export interface GraphStep {
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly config: JsonObject;
  readonly source: Step;
  readonly incoming: readonly Edge[];
  readonly outgoing: readonly Edge[];
  readonly join: Join;
  readonly cancelRest: boolean;
  /** Steps that must have ended, however, before the conditions are asked. */
  readonly contextFrom: readonly number[];
  readonly argsFrom: readonly { readonly name: string; readonly from: number }[];
  readonly skipWhen: string | null;
  readonly runWhen: string | null;
  /** Milliseconds since the epoch by which it must have started, or null. */
  readonly goodUntil: number | null;
  readonly enabled: boolean;
  readonly onError: 'fail' | 'continue';
  /** Index of the step that provides the output when this one fails, or null. */
  readonly fallback: number | null;
  /** Steps that this one is the fallback of; it is no root then and waits until one of them fails. */
  readonly fallbackFor: readonly number[];
  /** True when an edge leaves on the `error` branch: its failure is handled there, its other edges are dead. */
  readonly hasErrorEdge: boolean;
  readonly retry: RetryPolicy;
  /** Milliseconds one attempt may take, null for no limit. */
  readonly timeout: number | null;
  readonly pure: boolean;
  readonly onCrash: 'retry' | 'retry-with-key' | 'ask';
  readonly queue: string;
  readonly priority: number;
  readonly sensitive: boolean;
  /** Null for a step that runs itself. */
  readonly body: Body | null;
  /** Null for a step of the definition. */
  readonly call: Call | null;
}

/** `branch` null means *completed*; `error` means *failed*; another name means *completed with that branch*. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly branch: string | null;
}

export type Join =
  | { readonly kind: 'all'; readonly allowFailed: boolean }
  | { readonly kind: 'any' }
  | { readonly kind: 'quorum'; readonly min: number };

/** All times in milliseconds. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly delay: number;
  readonly backoff: 'constant' | 'linear' | 'exponential';
  readonly maxDelay: number;
  readonly jitter: boolean;
}

const ONE_ATTEMPT: RetryPolicy = { maxAttempts: 1, delay: 0, backoff: 'constant', maxDelay: 0, jitter: false };

export function dependencyStep(dependency: Dependency): string {
  return typeof dependency === 'string' ? dependency : dependency.step;
}

export function dependencyBranch(dependency: Dependency): string | null {
  return typeof dependency === 'string' ? null : dependency.branch;
}

/** The policy of a `retry` key: without one, one attempt; `{}` is 3 attempts, 5 s, exponential, at most 60 s. */
export function retryPolicy(retry: Retry | undefined): RetryPolicy {
  if (retry === undefined) return ONE_ATTEMPT;
  const backoff = retry.backoff ?? 'exponential';
  return {
    maxAttempts: retry.max_attempts ?? 3,
    delay: parseDuration(retry.delay ?? 5) ?? 5000,
    backoff: backoff === 'fixed' ? 'constant' : backoff,
    maxDelay: parseDuration(retry.max_delay ?? 60) ?? 60_000,
    jitter: retry.jitter ?? false,
  };
}

/**
 * Compiles a definition that `validateDefinition` has passed. A reference to a missing step is a programming error
 * here and throws; users see such faults from the validator.
 */
export function compileGraph(definition: Definition, catalog: StepCatalog): Graph {
  const indexOf = new Map(definition.steps.map((step, index) => [step.id, index]));
  const index = (id: string): number => {
    const found = indexOf.get(id);
    if (found === undefined) throw new Error(`Step '${id}' doesn't exist`);
    return found;
  };
  const edges = definition.steps.flatMap((step, to) =>
    (step.depends_on ?? []).map(
      (dependency): Edge => ({ from: index(dependencyStep(dependency)), to, branch: dependencyBranch(dependency) }),
    ),
  );
  const incoming = definition.steps.map((): Edge[] => []);
  const outgoing = definition.steps.map((): Edge[] => []);
  const fallbackFor = definition.steps.map((): number[] => []);
  for (const edge of edges) {
    incoming[edge.to]?.push(edge);
    outgoing[edge.from]?.push(edge);
  }
  definition.steps.forEach((step, from) => {
    if (usesFallback(step)) fallbackFor[index(step.fallback_step ?? '')]?.push(from);
  });
  const steps = definition.steps.map((step, at): GraphStep => {
    const type = stepType(catalog, step.type);
    const config = step.config ?? {};
    return {
      index: at,
      id: step.id,
      type: step.type,
      config,
      source: step,
      incoming: incoming[at] ?? [],
      outgoing: outgoing[at] ?? [],
      join: joinOf(step),
      cancelRest: step.cancel_rest ?? false,
      contextFrom: (step.context_from ?? []).map(index),
      argsFrom: Object.entries(step.args_from ?? {}).map(([name, from]) => ({ name, from: index(from) })),
      skipWhen: step.skip_when ?? null,
      runWhen: step.run_when ?? null,
      goodUntil: step.good_until === undefined ? null : Date.parse(step.good_until),
      enabled: step.enabled ?? true,
      onError: step.on_error === 'continue' ? 'continue' : 'fail',
      fallback: usesFallback(step) ? index(step.fallback_step ?? '') : null,
      fallbackFor: fallbackFor[at] ?? [],
      hasErrorEdge: (outgoing[at] ?? []).some((edge) => edge.branch === 'error'),
      retry: retryPolicy(step.retry ?? (step.on_error === 'retry' ? {} : undefined)),
      timeout: step.timeout === undefined ? (type?.defaultTimeout ?? null) : parseDuration(step.timeout),
      pure: type?.pure ?? false,
      onCrash: step.on_crash ?? type?.onCrash(config) ?? 'ask',
      queue: type?.offeredAs?.(config, step.queue ?? 'default') ?? step.queue ?? 'default',
      priority: step.priority ?? 0,
      sensitive: step.sensitive === 'output',
      body: type?.body === undefined ? null : compileBody(definition, config, type.body, catalog),
      call: null,
    };
  });
  return {
    definition,
    steps,
    byId: new Map(steps.map((step) => [step.id, step])),
    roots: steps.filter((step) => step.incoming.length === 0 && step.fallbackFor.length === 0).map((step) => step.index),
    last: steps.filter((step) => step.outgoing.length === 0 && step.fallbackFor.length === 0).map((step) => step.index),
    onError: definition.on_error ?? 'fail',
    timeout: definition.timeout === undefined ? null : parseDuration(definition.timeout),
    maxSteps: definition.limits?.steps ?? DEFAULT_RUN_STEPS,
  };
}

function compileBody(outer: Definition, config: JsonObject, keys: StepBody, catalog: StepCatalog): Body {
  const text = (key: string): string | null => (typeof config[key] === 'string' ? config[key] : null);
  const output = text(keys.output);
  const definition = { name: outer.name, steps: bodySteps(config, keys), ...(output === null ? {} : { output }) };
  const mode = LOOP_MODES.find((one) => one === config[keys.mode]) ?? 'all';
  return { graph: compileGraph(definition, catalog), mode, while: text(keys.while), breakWhen: text(keys.breakWhen) };
}

/** The nested steps of a config, as they are in a definition that validation has passed. */
export function bodySteps(config: JsonObject, keys: StepBody): Step[] {
  const steps: unknown = config[keys.steps];
  return Array.isArray(steps) ? (steps as Step[]) : [];
}

function usesFallback(step: Step): boolean {
  return step.fallback_step != null && (step.on_error === undefined || step.on_error === 'fallback');
}

function joinOf(step: Step): Join {
  if (step.join === 'any') return { kind: 'any' };
  if (step.join === 'quorum') return { kind: 'quorum', min: step.min_success ?? 1 };
  return { kind: 'all', allowFailed: step.allow_failed_deps ?? false };
}
