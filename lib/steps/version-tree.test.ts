import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import type { TreeNode } from '#lib/workflow/tree-node.ts';
import { versionTree } from '#lib/workflow/version-tree.ts';
import { stepCatalog } from './catalog.ts';

/** A tree in one line: `a; all(b, c)`, `if(x: a, else: b)`, `{a 0-1}` for a block whose edges cross. */
function say(nodes: readonly TreeNode[]): string {
  return nodes.map(word).join('; ');
}

function word(node: TreeNode): string {
  switch (node.type) {
    case 'start':
    case 'block':
      return `{${say(node.nodes)}}`;
    case 'parallel':
      return `${node.kind}(${node.nodes.map(word).join(', ')})`;
    case 'loop':
      return `loop[${node.items ?? `while ${node.while}`}](${say(node.nodes)})`;
    case 'if':
      return `if(${node.branches.map((one) => `${one.condition ?? 'else'}: ${say(one.nodes)}`).join(', ')})`;
    case 'switch':
      return `switch[${node.discriminant}](${node.branches.map((one) => `${one.condition}: ${say(one.nodes)}`).join(', ')})`;
    case 'try':
      return `try(${say(node.try_block.nodes)}) catch(${say(node.catch_block.nodes)})`;
    case 'break':
      return 'break';
    case 'step_sleep':
      return `sleep ${node.duration}`;
    case 'step_sleep_until':
      return `until ${node.timestamp}`;
    case 'step_wait_for_event':
      return `event ${node.options === null ? node.step : `${node.options.event_type} ${node.options.timeout}`}`;
    case 'function_call':
      return `call ${node.name}`;
    case 'step_do':
      return node.starts === undefined ? node.step : `${node.step} ${node.starts}-${node.resolves}`;
  }
}

/** As it comes from storage: plain JSON. */
const body = (...steps: readonly Step[]) => JSON.parse(JSON.stringify(steps));
const treeOf = (steps: readonly Step[], more: Partial<Definition> = {}) =>
  versionTree({ name: 'Orders', steps: [...steps], ...more }, stepCatalog);
const step = (id: string, depends_on: Step['depends_on'] = [], more: Partial<Step> = {}): Step => ({
  id,
  type: 'transform',
  config: { fields: {} },
  depends_on,
  ...more,
});
const condition = (id: string, depends_on: Step['depends_on'] = [], config: Step['config'] = { expression: 'x' }): Step =>
  step(id, depends_on, { type: 'condition', config });
const on = (from: string, branch: string) => ({ step: from, branch });

describe('checklist #155 #208: the tree of a version', () => {
  it.each<[string, readonly Step[], string]>([
    ['one after another', [step('c', ['b']), step('a'), step('b', ['a'])], 'a; b; c'],
    ['side by side', [step('a'), step('b'), step('c')], 'all(a, b, c)'],
    ['a diamond', [step('a'), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c'])], 'a; all(b, c); d'],
    ['lanes of several steps', [step('a'), step('b', ['a']), step('c'), step('d', ['b', 'c'])], 'all({a; b}, c); d'],
    ['any', [step('a'), step('b'), step('c', ['a', 'b'], { join: 'any' })], 'any(a, b); c'],
    ['a quorum', [step('a'), step('b'), step('c', ['a', 'b'], { join: 'quorum', min_success: 1 })], 'any(a, b); c'],
    ['failed ones allowed', [step('a'), step('b'), step('c', ['a', 'b'], { allow_failed_deps: true })], 'all_settled(a, b); c'],
    [
      'edges that cross',
      [step('a'), step('b'), step('c', ['a']), step('d', ['a', 'b']), step('e', ['c', 'd'])],
      '{a 0-1; b 0-1; c 1-2; d 1-2}; e',
    ],
    [
      'what is awaited late',
      [step('a'), step('b'), step('c', ['a']), step('d', ['c', 'b']), step('e', ['c'])],
      '{a 0-1; b 0-2; c 1-2; d 2-3; e 2-3}',
    ],
    ['if', [condition('is'), step('a', [on('is', 'true')]), step('b', [on('is', 'false')]), step('c', ['a', 'b'])], 'if(x: a, else: b); c'],
    ['if alone', [condition('is'), step('a', [on('is', 'true')]), step('c', ['a', on('is', 'false')])], 'if(x: a, else: ); c'],
    [
      'a branch of several',
      [condition('is'), step('a', [on('is', 'true')]), step('b', ['a']), step('c', ['a'])],
      'if(x: a; all(b, c), else: )',
    ],
    [
      'if within if',
      [condition('is'), condition('too', [on('is', 'true')], { expression: 'y' }), step('a', [on('too', 'false')])],
      'if(x: if(y: , else: a), else: )',
    ],
    [
      'beside a branch',
      [step('s'), condition('is', ['s']), step('a', [on('is', 'true')]), step('b', ['s']), step('c', ['a', 'b'])],
      's; all(if(x: a, else: ), b); c',
    ],
    [
      'cases',
      [
        condition('is', [], {
          cases: [
            { name: 'big', when: 'n > 9' },
            { name: 'odd', when: 'n % 2 = 1' },
          ],
        }),
        step('a', [on('is', 'big')]),
        step('b', [on('is', 'default')]),
      ],
      'if(n > 9: a, n % 2 = 1: , else: b)',
    ],
    [
      'an approval',
      [
        step('ask', [], { type: 'approval', config: { message: '?' } }),
        step('a', [on('ask', 'approved')]),
        step('b', [on('ask', 'timeout')]),
      ],
      'event ask; switch[steps.ask.branch]("approved": a, "rejected": , "timeout": b)',
    ],
    ['an error branch', [step('a'), step('b', ['a']), step('c', [on('a', 'error')])], 'try(a) catch(c); b'],
    ['a fallback', [step('a', [], { fallback_step: 'c' }), step('b', ['a']), step('c')], 'try(a) catch(c); b'],
    ['one that may fail', [step('a', [], { on_error: 'continue' }), step('b', ['a'])], 'try(a) catch(); b'],
    ['conditions of a step', [step('a', [], { run_when: 'x', skip_when: 'y' })], 'if(($not(y)) and (x): a)'],
    ['one that is off', [step('a', [], { enabled: false }), step('b', ['a'])], 'if(false: a); b'],
    ['context as order', [step('a'), step('b', [], { context_from: ['a'] })], 'a; b'],
    [
      'waits',
      [
        step('a', [], { type: 'wait', config: { duration: '5m' } }),
        step('b', ['a'], { type: 'wait', config: { until: '2027-01-01T09:00:00Z' } }),
        step('c', ['b'], { type: 'wait', config: { event_type: 'paid', timeout: '1h' } }),
        step('d', ['c'], { type: 'wait', config: { event_type: 'sent' } }),
        step('e', ['d'], { type: 'wait', config: { condition: 'steps.a.status = "completed"' } }),
      ],
      'sleep 5m; until 2027-01-01T09:00:00Z; event paid 1h; event sent 24h; event e',
    ],
    ['another workflow', [step('a', [], { type: 'workflow', config: { workflow_id: 'wf_1' } })], 'call wf_1'],
    [
      'a loop',
      [step('a', [], { type: 'loop', config: { items: 'input.all', steps: body(step('b'), step('c', ['b'])) } })],
      'loop[input.all](b; c)',
    ],
    [
      'a loop side by side',
      [step('a', [], { type: 'loop', config: { items: [1, 2], concurrency: 2, mode: 'all_settled', steps: body(step('b')) } })],
      'all_settled(loop[[1,2]](b))',
    ],
    ['a race', [step('a', [], { type: 'loop', config: { items: 'x', mode: 'race', steps: body(step('b')) } })], 'race(loop[x](b))'],
    [
      'while, with a break',
      [step('a', [], { type: 'loop', config: { while: 'index < 3', break_when: 'item = 2', steps: body(step('b')) } })],
      'loop[while index < 3](b; if(item = 2: break))',
    ],
  ])('%s', (_name, steps, expected) => {
    expect(say(treeOf(steps).nodes)).toBe(expected);
  });

  it('names the workflow and what it takes', () => {
    const input_schema = { type: 'object', properties: { order: { type: 'object', properties: { id: { type: 'string' } } }, note: true } };
    expect(treeOf([step('a')], { input_schema })).toMatchObject({
      type: 'start',
      name: 'Orders',
      payload: { type: 'object', fields: { order: { type: 'object', fields: { id: { type: 'unknown' } } }, note: { type: 'unknown' } } },
    });
    expect(treeOf([step('a')]).payload).toEqual({ type: 'unknown' });
  });

  it('says how a step is tried', () => {
    const [node] = treeOf([step('a', [], { name: 'Fetch', retry: { max_attempts: 4, delay: '2s' }, timeout: '1m' })]).nodes;
    expect(node).toEqual({
      type: 'step_do',
      step: 'a',
      name: 'Fetch',
      config: { retries: { limit: 3, delay: 2000, backoff: 'exponential' }, timeout: 60_000 },
    });
  });
});

/** Where each step stands: the way from the root, as places in line (`next`) and lanes. */
type Way = readonly { readonly kind: 'next' | 'lane'; readonly at: number }[];

function rowOf(node: TreeNode | undefined): number | undefined {
  if (node?.type === 'try') return rowOf(node.try_block.nodes[0]);
  return node?.type === 'step_do' ? node.starts : undefined;
}

function waysOf(nodes: readonly TreeNode[], way: Way, found: Map<string, Way>): Map<string, Way> {
  for (const [index, node] of nodes.entries()) {
    const here: Way = [...way, { kind: 'next', at: rowOf(node) ?? index }];
    if (node.type === 'step_do') {
      expect(found.has(node.step), `${node.step} is there once`).toBe(false);
      found.set(node.step, here);
    } else if (node.type === 'parallel')
      for (const [at, lane] of node.nodes.entries()) waysOf([lane], [...here, { kind: 'lane', at }], found);
    else if (node.type === 'block') waysOf(node.nodes, here, found);
    else if (node.type === 'try') {
      waysOf(node.try_block.nodes, here, found);
      waysOf(node.catch_block.nodes, [...here, { kind: 'next', at: 1e6 }], found);
    }
  }
  return found;
}

it('checklist #155: any graph: each step is there once, and after all that it depends on', () => {
  const graphs = fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 9 })
    .map((rows) =>
      rows.map((sources, at) =>
        step(
          `s${at}`,
          at === 0
            ? []
            : [...new Set(sources.map((source) => source % at))].map((from) =>
                sources.length === 1 && at % 3 === 0 ? on(`s${from}`, 'error') : `s${from}`,
              ),
        ),
      ),
    );
  fc.assert(
    fc.property(graphs, (steps) => {
      const ways = waysOf(treeOf(steps).nodes, [], new Map());
      expect([...ways.keys()].sort()).toEqual(steps.map((one) => one.id).sort());
      for (const one of steps) {
        for (const dependency of one.depends_on ?? []) {
          const from = ways.get(typeof dependency === 'string' ? dependency : dependency.step) ?? [];
          const to = ways.get(one.id) ?? [];
          const fork = to.findIndex((part, at) => part.kind !== from[at]?.kind || part.at !== from[at]?.at);
          expect(to[fork]?.kind, `${JSON.stringify(dependency)} → ${one.id}: ${say(treeOf(steps).nodes)}`).toBe('next');
          expect(to[fork]?.at ?? 0).toBeGreaterThan(from[fork]?.at ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('checklist #155: a chain of 10,000 steps and 1,999 steps each within the last one’s branch take bounded time', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`]));
  const nest = Array.from({ length: 1999 }, (_, at) =>
    condition(`s${at}`, at === 0 ? [] : [on(`s${at - 1}`, at % 2 === 0 ? 'true' : 'false')]),
  );
  const started = performance.now();
  expect(JSON.stringify(treeOf(chain))).toContain('"s9999"');
  expect(JSON.stringify(treeOf(nest))).toContain('"s1998"');
  expect(performance.now() - started).toBeLessThan(5000);
});
