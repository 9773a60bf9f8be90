import { expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import type { Step } from '#lib/workflow/definition.ts';
import cases from './cases/graph-cases.json' with { type: 'json' };
import { cancelRun, pauseRun, resumeRun } from './control.ts';
import { isSettled } from './readiness.ts';
import type { RunState } from './state.ts';
import { graphOf, TestRun } from './test-run.ts';

/**
 * 113 scripted runs of small graphs: the conformance table of the rules of readiness, failure, pause, cancel and
 * success policy. Two differences between the cases' words and ours:
 *
 * - In the cases the conditions of roots are not asked, ours asks them too. No case gives a root a condition, which the
 *   runner checks, so none reads differently for it.
 * - They know no `pausing` and no cancel in progress: `pausing` reads as PAUSED, a cancel in progress as CANCELLED, and
 *   a code's `WORKFLOW_` in front is left out.
 */

interface CaseNode {
  readonly id: string;
  readonly deps: readonly string[];
  readonly join?: string;
  readonly min_success?: number;
  readonly allow_failed_deps?: boolean;
  readonly ctx_from?: readonly string[];
  readonly args_from?: Readonly<Record<string, string | undefined>>;
  readonly run_when?: Condition;
  readonly skip_when?: Condition;
}
interface Condition {
  readonly const?: boolean;
  readonly throws?: boolean;
  readonly op?: string;
  readonly node?: string;
  readonly nodes?: readonly string[];
  readonly value?: number;
}
interface Move {
  readonly complete?: string;
  readonly ok?: Json;
  readonly err?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly expect?: string;
  readonly status?: string;
  readonly result_error?: string;
  readonly workflow?: string;
  readonly error?: string;
}
interface Case {
  readonly name: string;
  readonly nodes: readonly CaseNode[];
  readonly on_error?: string;
  readonly success_policy?: { readonly cases: readonly (readonly string[])[]; readonly optional?: readonly string[] };
  readonly script: readonly Move[];
}

function stepOf(node: CaseNode): Partial<Step> & { id: string } {
  const args = Object.entries(node.args_from ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    id: node.id,
    depends_on: [...node.deps],
    ...(node.join === undefined ? {} : { join: node.join as 'all' }),
    ...(node.min_success === undefined ? {} : { min_success: node.min_success }),
    ...(node.allow_failed_deps === undefined ? {} : { allow_failed_deps: node.allow_failed_deps }),
    ...(node.ctx_from === undefined ? {} : { context_from: [...node.ctx_from] }),
    ...(args.length === 0 ? {} : { args_from: Object.fromEntries(args) }),
    // Expressions belong to another room: here a condition is its case, as text.
    ...(node.run_when === undefined ? {} : { run_when: JSON.stringify(node.run_when) }),
    ...(node.skip_when === undefined ? {} : { skip_when: JSON.stringify(node.skip_when) }),
  };
}

function evaluate(text: string, state: RunState): boolean {
  const condition = JSON.parse(text) as Condition;
  const at = (id: string | undefined) => state.steps[state.graph.byId.get(id ?? '')?.index ?? -1];
  if (condition.throws) throw new Error('The condition throws');
  if (condition.const !== undefined) return condition.const;
  switch (condition.op) {
    case 'gt':
      return Number(at(condition.node)?.output) > (condition.value ?? 0);
    case 'lt':
      return Number(at(condition.node)?.output) < (condition.value ?? 0);
    case 'ok':
      return at(condition.node)?.status === 'completed';
    case 'terminal':
      return (condition.nodes ?? []).every((id) => isSettled(at(id)?.status ?? 'pending'));
    default:
      throw new Error(`The runner doesn't know the condition ${text}`);
  }
}

const STEP_WORDS: Readonly<Record<string, string>> = {
  pending: 'PENDING',
  running: 'ENQUEUED',
  completed: 'COMPLETED',
  failed: 'FAILED',
  skipped: 'SKIPPED',
};

function runWord(state: RunState): string {
  if (state.cancel !== null || state.status === 'cancelled') return 'CANCELLED';
  if (state.status === 'pausing') return 'PAUSED';
  return (state.status === 'waiting' ? 'running' : state.status).toUpperCase();
}

function skipCode(run: TestRun, id: string): string | undefined {
  const { error, skipReason } = run.step(id);
  if (skipReason === 'skip_when') return 'CONDITION_SKIP_WHEN_TRUE';
  if (skipReason === 'run_when') return 'CONDITION_RUN_WHEN_FALSE';
  return error?.code;
}

const bare = (code: string): string => code.replace(/^WORKFLOW_/, '');

function play(run: TestRun, move: Move): void {
  if (move.complete !== undefined) {
    if (move.err !== undefined) run.fail(move.complete, move.err);
    else run.complete(move.complete, move.ok ?? null);
    return;
  }
  for (const [wanted, ask] of [
    [move.pause, pauseRun],
    [move.resume, resumeRun],
    [move.cancel, cancelRun],
  ] as const) {
    if (wanted === undefined) continue;
    const event = ask(run.state, run.now);
    expect(event !== null, `${ask.name} is allowed`).toBe(wanted);
    if (event !== null) run.on(event);
  }
  if (move.expect !== undefined && move.status !== undefined)
    expect(STEP_WORDS[run.step(move.expect).status], move.expect).toBe(move.status);
  if (move.expect !== undefined && move.result_error !== undefined) expect(skipCode(run, move.expect)).toBe(bare(move.result_error));
  if (move.workflow !== undefined) expect(runWord(run.state)).toBe(move.workflow);
  if (move.error !== undefined) expect(run.state.error?.code).toBe(bare(move.error));
}

test('there are 113 cases, and no root has a condition', () => {
  expect(cases).toHaveLength(113);
  for (const node of cases.flatMap((one): readonly CaseNode[] => one.nodes)) {
    if (node.deps.length === 0) expect(node.run_when ?? node.skip_when).toBeUndefined();
  }
});

test.each(cases as readonly Case[])('$name', (one) => {
  const graph = graphOf(one.nodes.map(stepOf), {
    ...(one.on_error === undefined ? {} : { on_error: one.on_error as 'fail' }),
    ...(one.success_policy === undefined
      ? {}
      : {
          success_policy: {
            cases: one.success_policy.cases.map((required) => ({ required: [...required] })),
            optional: [...(one.success_policy.optional ?? [])],
          },
        }),
  });
  const run = new TestRun(graph, evaluate).go();
  for (const move of one.script) {
    run.now += 10;
    play(run, move);
  }
  expect(run.starts).toEqual([...new Set(run.starts)]);
});
