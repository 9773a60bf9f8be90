import { z } from 'zod';
import type { JsonObject } from '#lib/base/json.ts';

/**
 * What the definition room, the engine and the editor need to know of a step type, without knowing the type.
 * Shared code never branches on a type's name: it asks one of these properties.
 */
export interface StepDefinition {
  /** The word in `step.type`. */
  readonly type: string;
  readonly title: string;
  /** One line for the palette. */
  readonly summary: string;
  readonly category: 'action' | 'logic' | 'data' | 'time';
  /** Name of a lucide icon, kebab-case. */
  readonly icon: string;
  /** A few sentences of Markdown for the docs and the inspector's help. */
  readonly docs: string;
  readonly config: StepConfig;
  /** The config a step has when it is dropped on the canvas. */
  readonly initialConfig: JsonObject;
  /** Branches that edges may take for this config, besides `error` (which every type has) and none ("completed"). */
  branches(config: JsonObject): readonly string[];
  /** What of the workspace this config names, where it is no expression: the server can say whether it is there. */
  namesOf?(config: JsonObject): readonly { readonly kind: 'agent' | 'workflow'; readonly name: string; readonly key: string }[];
  /** The config with one branch more, for types that can have any; null where this config can't. */
  withBranch?(config: JsonObject, name: string): JsonObject | null;
  /** The one line under the name on the canvas: what this step does. */
  describe(config: JsonObject): string;
  /**
   * True when it only computes: no side effect, ends at once. Its end may be stored in the same flush as what follows.
   */
  readonly pure: boolean;
  /** What happens to a step that was in flight when its worker died (see "Side effects" in docs/architecture.md). */
  onCrash(config: JsonObject): 'retry' | 'retry-with-key' | 'ask';
  /** Milliseconds one attempt may take where the step says nothing; null for types that only wait. */
  readonly defaultTimeout: number | null;
  /** Config keys that are always one expression, with or without braces. */
  readonly expressionKeys: readonly string[];
  /** Config keys that are never interpolated (a script reads its values from stdin). */
  readonly rawKeys: readonly string[];
  /** Set where the config holds a nested graph: the engine runs it once for each iteration, in a scope of its own. */
  readonly body?: StepBody;
  /**
   * Config keys that are one expression each which is asked while the step waits, not before it starts. It may read any
   * step of the workflow, and `event` where it looks at one.
   */
  readonly lateKeys?: readonly string[];
  /** True where it starts runs of other workflows, which the run's page then names. */
  readonly startsRuns?: boolean;
  /** True where a step's `queue` is that of the run it starts: the step itself stays with the run it belongs to. */
  readonly queueOfItsRun?: boolean;
  /**
   * Set where processes of the user's own execute it (task workers): the queue that they serve, made of its config and the
   * step's `queue`. No worker of ours executes it.
   */
  offeredAs?(config: JsonObject, queue: string): string;
  /** True where its work is a conversation with a model, which the run's page then shows as one. */
  readonly converses?: boolean;
  /** What a step is in the tree of a version; without it, work. */
  outline?(config: JsonObject): StepOutline;
  /** Example of an output, for completion in the editor before the first run. */
  readonly exampleOutput: JsonObject | null;
}

/** What a step is in the tree of a version: see `version-tree.ts`. Texts may hold templates; null where nothing is said. */
export type StepOutline =
  | { readonly kind: 'work' }
  /** Nothing but a choice: the condition of each branch in the order they are asked, null for what is left. */
  | { readonly kind: 'choice'; readonly conditions: ReadonlyMap<string, string | null> }
  | { readonly kind: 'sleep'; readonly duration: number | string }
  | { readonly kind: 'sleep_until'; readonly timestamp: string }
  | { readonly kind: 'event'; readonly event: { readonly event_type: string; readonly timeout: number | string } | null }
  | { readonly kind: 'call'; readonly name: string }
  /** Only for a type with a `body`. */
  | { readonly kind: 'repeat'; readonly sideBySide: boolean };

/** Names the keys of a config that say what is run again and again, and how. Their values are read from the drawn config. */
export interface StepBody {
  /** The list; a plain path has to name one. */
  readonly items: string;
  /** The nested steps. */
  readonly steps: string;
  /** Id of the nested step whose output is that of an iteration. */
  readonly output: string;
  /** Expression that is asked before each iteration; there is no list then. */
  readonly while: string;
  /** Expression that is asked after each iteration. */
  readonly breakWhen: string;
  /** One of LOOP_MODES. */
  readonly mode: string;
}

/**
 * `all`: every iteration has to complete, the first failure ends the others. `all_settled`: each may end as it likes.
 * `any`: the first that completes wins. `race`: the first that ends decides.
 */
export const LOOP_MODES = ['all', 'all_settled', 'any', 'race'] as const;
export type LoopMode = (typeof LOOP_MODES)[number];

/** More iterations of one step are refused with a clear text. */
export const MAX_ITERATIONS = 10_000;

/** The types that a definition may use. The room is handed one; it never imports the types themselves. */
export type StepCatalog = Readonly<Record<string, StepDefinition>>;

/** Own-property look-up, so that a step of type `constructor` is unknown like any other word. */
export function stepType(catalog: StepCatalog, type: string): StepDefinition | undefined {
  return Object.hasOwn(catalog, type) ? catalog[type] : undefined;
}

/** A config has two readings: as drawn (any value may still be a template) and as executed (all resolved). */
export interface StepConfig {
  /** Checks what an author wrote. Feeds validation and the generated form. */
  readonly drawn: z.ZodType<JsonObject>;
  /** Checks what the executor gets, after every template has its value. */
  readonly resolved: z.ZodType;
}

/** What a field says that holds neither its own kind of value nor a template; `schema-problems.ts` knows the option by it. */
export const TEMPLATE_EXPECTED = 'Must hold an expression in {{ }}';

/** Text with at least one `{{ … }}`. It aborts, else zod would report its fault alone and hide that of the field's own kind. */
export const Template = z.string(TEMPLATE_EXPECTED).regex(/\{\{[\s\S]*\}\}/, { error: TEMPLATE_EXPECTED, abort: true });

type Field = <T extends z.ZodType>(schema: T) => z.ZodType<z.infer<T>>;

/**
 * Builds both readings from one description: wrap in `value(…)` each field that may hold a template.
 *
 *     stepConfig((value) => z.strictObject({ url: value(z.url()), timeout: value(Duration).optional() }))
 */
export function stepConfig<T extends z.ZodType>(build: (value: Field) => T): StepConfig & { readonly resolved: T } {
  const orTemplate: Field = (schema) => {
    const meta = schema.meta();
    const union = z.union([schema, Template]);
    return (meta ? union.meta(meta) : union) as never;
  };
  return { drawn: build(orTemplate) as never, resolved: build((schema) => schema as never) };
}

/**
 * What the form generator reads from a config field's `.meta({...})`, beside zod's `title`, `description`, `examples`.
 */
export interface FieldHints {
  /** What a choice that may be left out is called while it is: `Default` without it. */
  readonly unset?: string;
  readonly widget?:
    | 'text'
    | 'multiline'
    | 'code'
    | 'json'
    | 'key-value'
    | 'select'
    | 'toggle'
    | 'duration'
    | 'cases'
    | 'body'
    | 'group'
    | 'secret'
    | 'agent'
    | 'expression'
    | 'workflow';
  readonly language?: 'javascript' | 'json' | 'python' | 'shell' | 'jsonata';
  /** Shown only while another field has one of these values, or while one of these fields is filled in. */
  readonly showWhen?: { readonly field: string; readonly is: readonly (string | boolean)[] } | { readonly anyOf: readonly string[] };
  /**
   * Fields with the same words here exclude each other, and one of them must be filled in: the form offers a choice under
   * these words, such as "Wait", and draws the chosen field alone.
   */
  readonly choice?: string;
  /** Folded away under "More". */
  readonly advanced?: boolean;
}
