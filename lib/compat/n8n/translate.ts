import type { Json, JsonObject } from '#lib/base/json.ts';
import type { Definition, Dependency, Note, Step } from '#lib/workflow/definition.ts';
import { DraftDefinition } from '#lib/workflow/definition.ts';
import { jsonFaults } from '#lib/workflow/json-faults.ts';
import { mintStepId } from '#lib/workflow/remint-ids.ts';
import { DATA_NODES } from './data-nodes.ts';
import { templates } from './expressions.ts';
import { FLOW_NODES, TRIGGER_PATH, triggerReason } from './flow-nodes.ts';
import { type Level, loopBody, loopOutput, withoutCycles } from './graph.ts';
import { httpNode } from './http-node.ts';
import type { NodeScope, NodeTranslator, TranslatedStep } from './node-translator.ts';
import { ReportBook, type ReportRow } from './report.ts';
import { MAX_NODES, type N8nEdge, type N8nNode, type N8nWorkflow, readN8n, text } from './workflow-file.ts';

/** A workflow of n8n as one of ours, with what became of each node; or why it can’t be read. */
export type N8nImport =
  | { readonly definition: Definition; readonly report: readonly ReportRow[] }
  | { readonly definition: null; readonly refusal: string };

/** Deeper than this, a loop within loops is left as it was: nobody draws that, and storage has a limit too. */
const MAX_LOOP_DEPTH = 6;
/** Each loop is looked into by itself; a file with more of them was not drawn by a person. */
const MAX_LOOPS = 100;
const NODES: Readonly<Record<string, NodeTranslator>> = { ...DATA_NODES, ...FLOW_NODES, httpRequest: httpNode };
const LOOP = 'splitInBatches';
/** Cards are wider here. */
const STRETCH = 1.6;

/** Translates an export of n8n. Pure, and safe on any JSON: what can’t be translated is named in the report. */
export function translateN8n(value: JsonObject): N8nImport {
  const [fault] = jsonFaults(value).problems;
  if (fault !== undefined)
    return { definition: null, refusal: `${fault.message}${fault.path === '' ? '' : `, at ${fault.path.slice(0, 200)}`}` };
  const count = Array.isArray(value.nodes) ? value.nodes.length : 0;
  if (count > MAX_NODES) return { definition: null, refusal: `This n8n workflow has ${count} nodes; at most ${MAX_NODES} are read` };
  const { steps, report, notes, output, name } = new Translation(readN8n(value)).result();
  const definition = { name, ...(output === null ? {} : { output }), steps, ...(notes.length === 0 ? {} : { notes }) };
  const parsed = DraftDefinition.safeParse(definition);
  if (parsed.success) return { definition: parsed.data, report };
  const [issue] = parsed.error.issues;
  return { definition: null, refusal: `This n8n workflow can’t be translated: ${issue?.message} at /${issue?.path.map(String).join('/')}` };
}

/** One translation: what is known of the nodes, and the report that grows with it. */
class Translation {
  private readonly workflow: N8nWorkflow;
  private readonly nodes: ReadonlyMap<string, N8nNode>;
  private readonly ids = new Map<string, string>();
  private readonly book = new ReportBook();
  private readonly incoming = new Map<string, N8nEdge[]>();
  /** Loop nodes that became a loop, and what each repeats. */
  private readonly bodies = new Map<string, ReadonlySet<string>>();

  private readonly deepest: number;

  constructor(workflow: N8nWorkflow) {
    this.workflow = workflow;
    this.deepest = workflow.nodes.filter(({ kind }) => kind === LOOP).length > MAX_LOOPS ? 0 : MAX_LOOP_DEPTH;
    this.nodes = new Map(workflow.nodes.map((node) => [node.name, node]));
    const taken = new Set<string>();
    for (const node of workflow.nodes) {
      const becomesStep = node.kind !== 'stickyNote' && triggerReason(node) === null;
      const id = becomesStep ? mintStepId(node.name, taken) : null;
      if (id !== null) {
        taken.add(id);
        this.ids.set(node.name, id);
      }
      this.book.begin(node.name, node.type, id);
    }
    for (const edge of workflow.edges) this.incoming.set(edge.to, [...(this.incoming.get(edge.to) ?? []), edge]);
    for (const { node, reason } of workflow.faults) this.book.say(node, 'review', reason);
  }

  result() {
    const notes: Note[] = [];
    for (const node of this.workflow.nodes) {
      const trigger = triggerReason(node);
      if (trigger !== null) this.book.say(node.name, trigger.result, trigger.reason);
      else if (node.kind === 'stickyNote') notes.push(noteOf(node, notes.length + 1));
    }
    const all: Level = {
      nodes: new Set(this.ids.keys()),
      edges: this.workflow.edges.filter(({ from, to }) => this.ids.has(from) && this.ids.has(to)),
    };
    const steps = this.level(all, 0);
    const answers = this.workflow.nodes.filter(
      ({ kind, name }) => kind === 'respondToWebhook' && steps.some(({ id }) => id === this.ids.get(name)),
    );
    const output = answers.length === 1 ? (this.ids.get(answers[0]?.name ?? '') ?? null) : null;
    return { name: this.workflow.name, steps, notes, output, report: this.book.list() };
  }

  private level(level: Level, depth: number): Step[] {
    const loops = [...level.nodes].flatMap((name) => {
      const node = this.nodes.get(name);
      const body = node?.kind === LOOP && depth < this.deepest ? loopBody(node, level) : null;
      return body === null ? [] : [[name, body] as const];
    });
    // A loop inside of another is translated with that one.
    const outer = loops.filter(([name]) => !loops.some(([other, body]) => other !== name && body.has(name)));
    const inside = new Set(outer.flatMap(([, body]) => [...body]));
    const innerSteps = new Map<string, Step[]>();
    for (const [name, body] of outer) this.bodies.set(name, body);
    for (const [name, body] of outer) {
      const edges = level.edges.filter(({ from, to }) => body.has(from) && body.has(to));
      innerSteps.set(name, this.level({ nodes: body, edges }, depth + 1));
    }
    const names = [...level.nodes].filter((name) => !inside.has(name));
    const here = new Set(names);
    const { forward, back } = withoutCycles(
      names,
      level.edges.filter(({ from, to }) => here.has(from) && here.has(to)),
    );
    for (const { from, to } of back)
      this.book.say(from, 'review', `The way back to “${to}” is left out: what repeats is a loop here, with steps inside`);
    const made = names.flatMap((name): [N8nNode, TranslatedStep][] => {
      const node = this.nodes.get(name);
      return node === undefined ? [] : [[node, this.translated(node, innerSteps.get(name))]];
    });
    const branches = new Map(made.map(([node, step]) => [node.name, step.branches]));
    return made.map(([node, step]) => this.stepOf(node, step, this.dependencies(node.name, forward, branches)));
  }

  private translated(node: N8nNode, inner: Step[] | undefined): TranslatedStep {
    const scope = this.scopeOf(node);
    const plain = text(node.type).startsWith('n8n-nodes-base.');
    if (inner !== undefined) return this.loop(node, inner, scope);
    const translator = plain && Object.hasOwn(NODES, node.kind) ? NODES[node.kind] : undefined;
    if (translator !== undefined) return translator.step(node, scope);
    const reason =
      node.kind === LOOP
        ? 'What it repeats is not a closed part of the workflow; put those steps into a loop'
        : 'There is no such step here; put another in its place';
    this.book.say(node.name, 'placeholder', reason);
    // Its parameters are kept for the person who replaces it; they raise no reviews of their own.
    return { type: node.type, config: templates(node.parameters, { ...scope, review: () => undefined }) };
  }

  private loop(node: N8nNode, steps: Step[], scope: NodeScope): TranslatedStep {
    const size = node.parameters.batchSize;
    if (typeof size === 'number' && size > 1) scope.approximate(`It took ${size} items at a time; here it takes one`);
    return { type: 'loop', config: { items: scope.json, steps: steps as unknown as Json } };
  }

  private scopeOf(node: N8nNode): NodeScope {
    const edges = this.incoming.get(node.name) ?? [];
    const inputs: (string | null)[] = [];
    for (const edge of edges.slice(0, 100)) if (edge.input >= 0 && edge.input < 100) inputs[edge.input] ??= this.given(edge);
    const [json = TRIGGER_PATH] = Array.from(inputs, (input) => input ?? undefined).filter((input) => input !== undefined);
    const sources = new Set(edges.filter(({ input }) => input === 0).map((edge) => this.given(edge)));
    if (sources.size > 1 && node.kind !== 'merge' && node.kind !== LOOP) {
      this.book.say(node.name, 'review', `Several ways lead here; it reads what comes from ${json}`);
    }
    return {
      json,
      inputs: Array.from(inputs, (input) => input ?? null),
      outputOf: (name) => (this.nodes.has(name) ? this.outputOf(name, node.name) : null),
      review: (reason) => this.book.say(node.name, 'review', reason),
      approximate: (reason) => this.book.say(node.name, 'approximated', reason),
    };
  }

  private given({ from, to }: N8nEdge): string {
    return this.outputOf(from, to);
  }

  /** Where the value is that a node gives, as `reader` sees it; what only lets pass gives what came in. */
  private outputOf(name: string, reader: string): string {
    const seen = new Set<string>();
    let current = name;
    let asking = reader;
    for (;;) {
      const node = this.nodes.get(current);
      if (node === undefined || seen.has(current) || triggerReason(node) !== null) return TRIGGER_PATH;
      seen.add(current);
      const id = this.ids.get(current);
      if (id === undefined) return TRIGGER_PATH;
      const body = this.bodies.get(current);
      if (body !== undefined) return body.has(asking) ? `${'outer.'.repeat(this.loopsBetween(body, asking))}item` : `steps.${id}.output`;
      const gives = Object.hasOwn(NODES, node.kind) ? NODES[node.kind]?.gives : undefined;
      if (gives !== 'input') return `steps.${id}.output${gives?.(node) ?? ''}`;
      const before = this.incoming.get(current)?.find(({ input }) => input === 0);
      if (before === undefined) return TRIGGER_PATH;
      asking = current;
      current = before.from;
    }
  }

  /** How many loops stand within a body around a node of it. */
  private loopsBetween(body: ReadonlySet<string>, node: string): number {
    return [...this.bodies].filter(([loop, inner]) => body.has(loop) && inner.has(node)).length;
  }

  private dependencies(name: string, edges: readonly N8nEdge[], branches: ReadonlyMap<string, TranslatedStep['branches']>): Dependency[] {
    const found = new Map<string, Dependency>();
    for (const edge of edges) {
      const step = this.ids.get(edge.from);
      const node = this.nodes.get(edge.from);
      if (edge.to !== name || step === undefined || node === undefined) continue;
      const outputs = branches.get(edge.from);
      const isError = node.source.onError === 'continueErrorOutput' && edge.output >= (outputs?.length ?? 1);
      const names = isError ? ['error'] : (outputs?.[edge.output] ?? []);
      const isLoopInside = this.bodies.has(edge.from) && edge.output === loopOutput(node);
      if (isLoopInside) continue;
      if (names.length === 0) found.set(step, step);
      for (const branch of names) found.set(`${step} ${branch}`, { step, branch });
    }
    return [...found.values()];
  }

  private stepOf(node: N8nNode, { type, config }: TranslatedStep, dependencies: Dependency[]): Step {
    const { source } = node;
    const continues = source.onError === 'continueRegularOutput' || source.continueOnFail === true;
    const tries = source.maxTries;
    const delay = source.waitBetweenTries;
    if (node.disabled) this.book.say(node.name, 'approximated', 'It is turned off');
    return {
      id: this.ids.get(node.name) ?? 'step',
      name: node.name,
      type,
      config,
      ...(dependencies.length > 0 ? { depends_on: dependencies } : {}),
      ...(source.retryOnFail === true
        ? {
            retry: {
              max_attempts: typeof tries === 'number' ? Math.max(1, Math.min(1000, Math.floor(tries))) : 3,
              delay: `${typeof delay === 'number' ? Math.max(0, Math.min(3_600_000, Math.floor(delay))) : 1000}ms`,
              backoff: 'constant' as const,
            },
          }
        : {}),
      ...(continues ? { on_error: 'continue' as const } : {}),
      ...(node.disabled ? { enabled: false } : {}),
      position: place(node.position),
    };
  }
}

function place({ x, y }: { readonly x: number; readonly y: number }) {
  return { x: Math.round((x * STRETCH) / 8) * 8 || 0, y: Math.round(y / 8) * 8 || 0 };
}

function noteOf({ parameters, position }: N8nNode, count: number): Note {
  const length = (value: unknown, otherwise: number) => (typeof value === 'number' && value > 0 && value < 1e6 ? value : otherwise);
  return {
    id: `note_${count}`,
    text: text(parameters.content).slice(0, 10_000),
    position: place(position),
    size: { width: Math.round(length(parameters.width, 240) * STRETCH), height: length(parameters.height, 160) },
  };
}
