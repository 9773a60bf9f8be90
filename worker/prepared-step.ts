import type { Json, JsonObject } from '#lib/base/json.ts';
import { toPointer } from '#lib/base/json.ts';
import type { RunError } from '#lib/engine/events.ts';
import { placeOf, stepAt } from '#lib/engine/scope.ts';
import type { RunState, Scope, StepState } from '#lib/engine/state.ts';
import { evaluateTemplate } from '#lib/server/expression-process.ts';
import type { SecretMask } from '#lib/server/secret-mask.ts';
import type { StepExecutor } from '#lib/steps/executor.ts';
import { ExpressionError, type ExpressionScope } from '#lib/workflow/expression-scope.ts';
import type { Graph, GraphStep } from '#lib/workflow/graph.ts';
import { type StepCatalog, type StepDefinition, stepType } from '#lib/workflow/step-type.ts';
import { type CompiledTemplate, compileConfig } from '#lib/workflow/template.ts';
import { loadSecrets, resolveSecretly, type SecretUse, secretUses } from './step-secrets.ts';

/** What the worker knows of a step before any run reaches it. */
export interface PreparedStep {
  readonly step: GraphStep;
  readonly type: StepDefinition | undefined;
  readonly executor: StepExecutor | undefined;
  readonly template: CompiledTemplate;
  /** The checked config of a step without expressions. */
  readonly fixed: ResolvedConfig | null;
  /** Where its config reads secrets; empty for most. */
  readonly secrets: readonly SecretUse[];
  /** Ids of all steps before it, nearest first. */
  readonly upstream: readonly string[];
  /** Of a queue that this worker does not serve: it is executed by one that does. */
  readonly elsewhere: boolean;
}

/** A config that the executor may get, or why there is none. `input` is what the journal keeps of it. */
export type ResolvedConfig = { readonly config: unknown; readonly input?: Json } | { readonly error: RunError; readonly input?: Json };

export type Executors = Readonly<Record<string, StepExecutor>>;

/** A step of a run: its scope, what is known of it before any run reaches it, and how far it is. */
export interface FoundStep {
  readonly scope: Scope;
  readonly prepared: PreparedStep;
  readonly at: StepState;
}

/** Prepares each step of each compiled graph once. */
export class PreparedSteps {
  readonly catalog: StepCatalog;
  readonly executors: Executors;
  readonly #queues: readonly string[];
  readonly #known = new WeakMap<GraphStep, PreparedStep>();

  constructor(catalog: StepCatalog, executors: Executors, queues: readonly string[]) {
    this.catalog = catalog;
    this.executors = executors;
    this.#queues = queues;
  }

  /** The step that a key of this run names. */
  find(state: RunState, key: string): FoundStep {
    const place = placeOf(state, key);
    if (place === undefined) throw new Error(`The run has no step ${key}`);
    const { step, at } = stepAt(place.scope, place.index);
    return { scope: place.scope, prepared: this.prepare(place.scope.graph, step), at };
  }

  prepare(graph: Graph, step: GraphStep): PreparedStep {
    const known = this.#known.get(step);
    if (known) return known;
    const type = stepType(this.catalog, step.type);
    const config = atStart(step.config, type);
    const template = compileConfig(config, type);
    const fixed = template.hasExpressions ? null : check(type, step.type, config);
    const executor = Object.hasOwn(this.executors, step.type) ? this.executors[step.type] : undefined;
    const { queue } = step.source;
    const unserved = queue !== undefined && !this.#queues.includes(queue) && step.body === null && type?.queueOfItsRun !== true;
    const elsewhere = unserved || type?.offeredAs !== undefined;
    const prepared = { step, type, executor, template, fixed, secrets: secretUses(template), upstream: upstreamOf(graph, step), elsewhere };
    this.#known.set(step, prepared);
    return prepared;
  }
}

/** The config with its expressions replaced by their values and checked. Synchronous where every expression is plain. */
export function resolveConfig(prepared: PreparedStep, scope: () => ExpressionScope): ResolvedConfig | Promise<ResolvedConfig> {
  if (prepared.fixed !== null) return prepared.fixed;
  const { type, step } = prepared;
  try {
    const value = evaluateTemplate(prepared.template, scope());
    if (value instanceof Promise) return value.then((resolved) => checkResolved(type, step, resolved), configError);
    return checkResolved(type, step, value);
  } catch (thrown) {
    return configError(thrown);
  }
}

/** As `resolveConfig`, for a step that reads secrets: `input` is the config without them, and `mask` hides them from here on. */
export async function resolveSecretConfig(
  prepared: PreparedStep,
  scope: ExpressionScope,
  workspaceId: string,
  mask: SecretMask,
): Promise<ResolvedConfig> {
  const { type, step, template } = prepared;
  const secrets = await loadSecrets(workspaceId, prepared.secrets, mask);
  if ('error' in secrets) return { error: { ...secrets.error, path: `/config${secrets.error.path}` } };
  try {
    const { value, shown } = await resolveSecretly(template, scope, secrets.values, mask);
    return { ...check(type, step.type, value ?? {}), input: shown ?? {} };
  } catch (thrown) {
    return configError(thrown);
  }
}

function checkResolved(type: StepDefinition | undefined, step: GraphStep, value: Json | undefined): ResolvedConfig {
  const input = value ?? {};
  return { ...check(type, step.type, input), input };
}

function check(type: StepDefinition | undefined, name: string, value: unknown): ResolvedConfig {
  if (type === undefined)
    return { error: { code: 'UNKNOWN_STEP_TYPE', message: `This version knows no steps of type '${name}'`, path: '/type' } };
  const parsed = type.config.resolved.safeParse(value);
  if (parsed.success) return { config: parsed.data };
  const issue = parsed.error.issues[0];
  const path = `/config${toPointer(issue?.path ?? [])}`;
  return { error: { code: 'CONFIG_INVALID', message: `${issue?.message ?? 'The config is not valid'} (${path})`, path } };
}

function configError(thrown: unknown): ResolvedConfig {
  if (!(thrown instanceof ExpressionError)) throw thrown;
  return { error: expressionError(thrown, '/config') };
}

/** An expression's failure as a step's error; `base` is the pointer of the value that held it. */
export function expressionError(thrown: ExpressionError, base: string): RunError {
  const { code, message, path, position } = thrown;
  return { code, message, path: `${base}${path}`, ...(position === null ? {} : { data: { position } }) };
}

/** The config without what the engine asks for each iteration: when the step starts it has no value yet. */
function atStart(config: JsonObject, type: StepDefinition | undefined): JsonObject {
  if (type?.body === undefined) return config;
  const later = [type.body.while, type.body.breakWhen];
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, later.includes(key) ? true : value]));
}

const upstreams = new WeakMap<GraphStep, readonly string[]>();

/** Ids of all steps before a step, nearest first. */
export function upstreamOf(graph: Graph, step: GraphStep): readonly string[] {
  let ids = upstreams.get(step);
  if (ids === undefined) {
    ids = walkUpstream(graph, step);
    upstreams.set(step, ids);
  }
  return ids;
}

function walkUpstream(graph: Graph, step: GraphStep): readonly string[] {
  const found = new Set<number>();
  const open = [step.index];
  for (let index = open.shift(); index !== undefined; index = open.shift()) {
    const at = graph.steps[index];
    for (const from of [...(at?.incoming ?? []).map((edge) => edge.from), ...(at?.fallbackFor ?? [])]) {
      if (found.has(from)) continue;
      found.add(from);
      open.push(from);
    }
    // What stands in for a step is upstream of all that depends on it.
    if (index !== step.index && at?.fallback != null && !found.has(at.fallback)) found.add(at.fallback);
  }
  return [...found].map((index) => graph.steps[index]?.id ?? '');
}
