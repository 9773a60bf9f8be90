import type { Definition } from './definition.ts';
import { compileGraph, type Graph, type GraphStep } from './graph.ts';
import { type Precedence, precedence } from './series-parallel.ts';
import { type StepCatalog, type StepOutline, stepType } from './step-type.ts';
import { block, leafOf, payloadOf, type Rows, type StartNode, type TreeBranch, type TreeNode } from './tree-node.ts';
import { componentsInOrder } from './upstream.ts';

/** Deeper nesting, and more steps in one graph, stay a flat block with rows: a reader loses nothing, and time stays bounded. */
const MAX_DEPTH = 40;
const MAX_MEMBERS = 2000;

/** What hangs on one step: the members that run only after it took that branch. */
type Owned = ReadonlyMap<string, readonly number[]>;

/**
 * A definition as a tree, as a program would say it. A graph splits into what comes one after another and what runs side by
 * side; the steps that only one branch of a step leads to stand inside it; a body is a loop. Where edges cross so that
 * neither fits, the steps stay in one block and say with `starts` and `resolves` in which row each begins, and which row waits
 * for it. For a definition that validation has passed.
 */
export function versionTree(definition: Definition, catalog: StepCatalog): StartNode {
  const graph = compileGraph(definition, catalog);
  return { type: 'start', name: definition.name, payload: payloadOf(definition.input_schema), nodes: treeOf(graph, catalog, 0) };
}

function treeOf(graph: Graph, catalog: StepCatalog, outerDepth: number): readonly TreeNode[] {
  const before = graph.steps.map((step) => [...step.incoming.map((edge) => edge.from), ...step.contextFrom, ...step.fallbackFor]);
  const order = componentsInOrder(before).flat();
  const isSmall = order.length <= MAX_MEMBERS;
  const known: Precedence = precedence(order, before);

  function build(members: readonly number[], depth: number): TreeNode[] {
    if (!isSmall || depth > MAX_DEPTH) return [rowsOf(members, new Map(), depth)];
    const owned = new Map<number, Owned>();
    let rest = known.inOrder(members);
    for (const at of rest) {
      const mine = rest.includes(at) ? ownedBy(at, rest) : new Map<string, number[]>();
      if (mine.size === 0) continue;
      owned.set(at, mine);
      const gone = new Set([...mine.values()].flat());
      rest = rest.filter((each) => !gone.has(each));
    }
    const groups = known.series(rest);
    return inLine(groups, owned, depth);
  }

  function inLine(groups: readonly (readonly number[])[], owned: ReadonlyMap<number, Owned>, depth: number): TreeNode[] {
    return groups.flatMap((group, index) => {
      const next = groups[index + 1];
      return nodesOf(group, next?.length === 1 ? next[0] : undefined, owned, depth);
    });
  }

  function nodesOf(group: readonly number[], joiner: number | undefined, owned: ReadonlyMap<number, Owned>, depth: number): TreeNode[] {
    const [only] = group;
    if (only !== undefined && group.length === 1) return stepNodes(only, owned.get(only) ?? new Map(), depth);
    const lanes = known.parallel(group);
    if (lanes.length === 1 || depth > MAX_DEPTH) return [rowsOf(group, owned, depth)];
    const nodes = lanes.map((lane): TreeNode => {
      const inside = inLine(known.series(lane), owned, depth + 1);
      return inside.length === 1 && inside[0] !== undefined ? inside[0] : block(inside);
    });
    return [{ type: 'parallel', kind: kindOf(graph.steps[joiner ?? -1]), nodes }];
  }

  /** Steps whose edges cross: in order, each with its row. */
  function rowsOf(members: readonly number[], owned: ReadonlyMap<number, Owned>, depth: number): TreeNode {
    const rows = known.rows(members);
    const last = Math.max(0, ...rows.values()) + 1;
    const inside = new Set(members);
    const nodes = [...rows].flatMap(([at, starts]) => {
      const waiting = (graph.steps[at]?.outgoing ?? []).filter((edge) => inside.has(edge.to)).map((edge) => rows.get(edge.to) ?? last);
      return stepNodes(at, owned.get(at) ?? new Map(), depth, { starts, resolves: Math.min(last, ...waiting) });
    });
    return block(nodes);
  }

  /** The members that run only where `at` took a branch, by branch, where nothing else that comes later leads to them. */
  function ownedBy(at: number, members: readonly number[]): Map<string, number[]> {
    const branchOf = new Map<number, string>();
    const labels = new Map<string, number[]>();
    const isLabelled = graph.steps[at]?.outgoing.some((edge) => edge.branch !== null) === true || graph.steps[at]?.fallback !== null;
    if (!isLabelled) return labels;
    for (const member of members) {
      if (member === at || !known.isBefore(at, member)) continue;
      const found = new Set((graph.steps[member]?.incoming ?? []).map((edge) => originOf(edge.from, edge.branch)));
      for (const from of graph.steps[member]?.fallbackFor ?? []) found.add(originOf(from, 'error'));
      for (const from of graph.steps[member]?.contextFrom ?? []) found.add(originOf(from, null));
      found.delete('before');
      const [branch] = found;
      if (branch === undefined || found.size !== 1 || branch === 'elsewhere') continue;
      branchOf.set(member, branch);
      const name = branch.slice(1);
      labels.set(name, [...(labels.get(name) ?? []), member]);
    }
    return labels;

    /** `=name` for what hangs on a branch, `before` for what has ended anyway, else `elsewhere`. */
    function originOf(from: number, branch: string | null): string {
      if (from === at) return branch === null ? 'elsewhere' : `=${branch}`;
      return branchOf.get(from) ?? (known.isBefore(from, at) ? 'before' : 'elsewhere');
    }
  }

  function stepNodes(at: number, owned: Owned, depth: number, rows?: Rows): TreeNode[] {
    const step = graph.steps[at];
    if (step === undefined) return [];
    const type = stepType(catalog, step.type);
    const outline = type?.outline?.(step.config) ?? { kind: 'work' };
    const inside = (branch: string) => build(owned.get(branch) ?? [], depth + 1);
    const catches = owned.has('error') || step.onError === 'continue' || step.hasErrorEdge || step.fallback !== null;
    const own = bodyNodes(step, outline, depth) ?? [leafOf(step, outline, rows)];
    const guarded: TreeNode[] = catches
      ? [{ type: 'try', try_block: block(own), catch_block: block(inside('error')), finally_block: null }]
      : own;
    const branches = type?.branches(step.config) ?? [];
    const choice = choiceOf(step, outline, branches, inside);
    if (choice === null) return conditional(step, guarded);
    const isChoiceAlone = outline.kind === 'choice' && !catches && rows === undefined;
    return conditional(step, isChoiceAlone ? [choice] : [...guarded, choice]);
  }

  function bodyNodes(step: GraphStep, outline: StepOutline, depth: number): TreeNode[] | null {
    const keys = stepType(catalog, step.type)?.body;
    if (step.body === null || keys === undefined) return null;
    const nodes = [...treeOf(step.body.graph, catalog, depth + outerDepth + 1)];
    if (step.body.breakWhen !== null) {
      const stop: TreeBranch = { branch: null, condition: step.body.breakWhen, nodes: [{ type: 'break', kind: 'break' }] };
      nodes.push({ type: 'if', step: null, branches: [stop] });
    }
    const items = step.config[keys.items];
    const loop: TreeNode = {
      type: 'loop',
      step: step.id,
      items: items === undefined ? null : typeof items === 'string' ? items : JSON.stringify(items),
      while: step.body.while,
      nodes,
    };
    return [outline.kind === 'repeat' && outline.sideBySide ? { type: 'parallel', kind: step.body.mode, nodes: [loop] } : loop];
  }

  return build(order, outerDepth);
}

/** What branches on, where edges leave on a branch, or the step is nothing else. */
function choiceOf(
  step: GraphStep,
  outline: StepOutline,
  branches: readonly string[],
  inside: (branch: string) => readonly TreeNode[],
): TreeNode | null {
  if (outline.kind === 'choice') {
    const told = [...outline.conditions].map(([branch, condition]) => ({ branch, condition, nodes: inside(branch) }));
    return { type: 'if', step: step.id, branches: told };
  }
  if (!step.outgoing.some((edge) => edge.branch !== null && edge.branch !== 'error')) return null;
  const told = branches.map((branch) => ({ branch, condition: JSON.stringify(branch), nodes: inside(branch) }));
  return { type: 'switch', step: step.id, discriminant: `steps.${step.id}.branch`, branches: told };
}

/** A step with conditions of its own runs where they hold; one that is off, never. */
function conditional(step: GraphStep, nodes: TreeNode[]): TreeNode[] {
  const asked = [step.enabled ? null : 'false', step.skipWhen === null ? null : `$not(${step.skipWhen})`, step.runWhen];
  const conditions = asked.filter((condition) => condition !== null);
  if (conditions.length === 0) return nodes;
  const condition = conditions.length === 1 ? (conditions[0] ?? null) : conditions.map((each) => `(${each})`).join(' and ');
  return [{ type: 'if', step: step.id, branches: [{ branch: null, condition, nodes }] }];
}

/** How the step that follows waits for what ran side by side. */
function kindOf(joiner: GraphStep | undefined): 'all' | 'any' | 'all_settled' {
  if (joiner === undefined) return 'all';
  if (joiner.join.kind === 'all') return joiner.join.allowFailed ? 'all_settled' : 'all';
  return 'any';
}
