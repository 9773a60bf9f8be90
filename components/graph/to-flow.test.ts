import { describe, expect, it } from 'vitest';
import type { Step } from '#lib/workflow/definition.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { edgeKey, parseEdgeKey, type RunOverlay } from './overlay.ts';
import { branchOf, type CanvasInput, createToFlow, EMPTY_VIEW, handleOf } from './to-flow.ts';

const steps: Step[] = [
  { id: 'a', type: 'http_request', config: {} },
  { id: 'b', type: 'http_request', config: {}, depends_on: ['a'] },
  { id: 'c', type: 'http_request', config: {}, depends_on: [{ step: 'a', branch: 'error' }, 'b'], join: 'any' },
];
const input: CanvasInput = {
  steps,
  catalog: testCatalog,
  positions: new Map(),
  view: EMPTY_VIEW,
  overlay: null,
  problems: new Map(),
  editable: true,
};

describe('to-flow', () => {
  it('gives a node for each step and an edge for each dependency', () => {
    const { nodes, edges } = createToFlow()(input);
    expect(nodes.map((node) => node.id)).toEqual(['a', 'b', 'c']);
    expect(edges.map((edge) => edge.id)).toEqual(['a>b>', 'a>c>error', 'b>c>']);
    expect(nodes[2]?.data.join).toBe('any');
  });

  it('keeps nodes and edges of steps that did not change', () => {
    const toFlow = createToFlow();
    const before = toFlow(input);
    const changed = steps.with(0, { ...(steps[0] as Step), name: 'First' });
    const after = toFlow({ ...input, steps: changed });
    expect(after.nodes[0]).not.toBe(before.nodes[0]);
    expect(after.nodes[1]).toBe(before.nodes[1]);
    expect(after.edges[0]).toBe(before.edges[0]);
  });

  it('renews one node alone while it is dragged or selected', () => {
    const toFlow = createToFlow();
    const before = toFlow(input);
    const view = { ...EMPTY_VIEW, selectedSteps: new Set(['b']), dragging: new Map([['b', { x: 8, y: 16 }]]) };
    const after = toFlow({ ...input, view });
    expect(after.nodes.map((node, index) => node === before.nodes[index])).toEqual([true, false, true]);
    expect(after.nodes[1]).toMatchObject({ selected: true, dragging: true, position: { x: 8, y: 16 } });
  });

  it('lays a run over the document', () => {
    const run = { status: 'failed', startedAt: 1, duration: 2, error: 'HTTP 502', waitsUntil: null, attempt: 1, maxAttempts: 3 } as const;
    const overlay: RunOverlay = { kind: 'run', steps: new Map([['a', run]]), edges: new Map([['a>b>', 'missed']]) };
    const { nodes, edges } = createToFlow()({ ...input, overlay });
    expect(nodes.map((node) => node.data.run)).toEqual([run, 'unreached', 'unreached']);
    expect(edges.map((edge) => edge.data?.run)).toEqual(['missed', 'open', 'open']);
  });

  it('leaves out edges from steps that are not there', () => {
    const { edges } = createToFlow()({ ...input, steps: [{ id: 'x', type: 'http_request', depends_on: ['gone'] }] });
    expect(edges).toEqual([]);
  });

  it('names ports so that no branch can be mistaken for the plain one', () => {
    expect(branchOf(handleOf('done'))).toBe('done');
    expect(branchOf(handleOf(null))).toBeNull();
    expect(parseEdgeKey(edgeKey('a', 'b', 'x>y'))).toEqual({ from: 'a', to: 'b', branch: 'x>y' });
    expect(parseEdgeKey('nonsense')).toBeNull();
  });
});
