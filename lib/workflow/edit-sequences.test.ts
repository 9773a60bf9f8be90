import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Definition, DraftDefinition, type Step } from './definition.ts';
import { applyEdit, type Edit } from './edit.ts';
import { record, redo, startHistory, undo } from './history.ts';
import { testCatalog } from './test-catalog.ts';
import { componentsInOrder, stepsBefore } from './upstream.ts';

function step(id: string, depends_on: Step['depends_on'] = [], more: Partial<Step> = {}): Step {
  return { id, type: 'transform', ...(depends_on.length > 0 ? { depends_on } : {}), ...more };
}
function workflow(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'Test', steps, ...more };
}
// a → b → c, and b!error → d
const base = workflow([step('a'), step('b', ['a']), step('c', ['b']), step('d', [{ step: 'b', branch: 'error' }])]);

describe('any sequence', { timeout: 60_000 }, () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'a_2');
  const branch = fc.constantFrom(null, 'true', 'error');
  const edge = fc.record({ from: id, to: id, branch });
  const position = fc.record({ x: fc.nat(9), y: fc.nat(9) });
  const simple: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('add_step' as const), step: id.map((one) => step(one)) }),
    fc.record({ kind: fc.constant('add_step' as const), step: id.map((one) => step(one)), on_edge: edge }),
    fc.record({ kind: fc.constant('add_step' as const), step: fc.tuple(id, id).map(([one, other]) => step(one, [other])) }),
    fc.record({ kind: fc.constant('remove_steps' as const), ids: fc.array(id, { maxLength: 2 }), reconnect: fc.boolean() }),
    fc.record({ kind: fc.constant('update_step' as const), id, changes: fc.record({ name: fc.constantFrom('x', null) }) }),
    fc.record({ kind: fc.constant('set_config' as const), id, config: id.map((one) => ({ expression: `steps.${one}.output` })) }),
    fc.record({ kind: fc.constant('rename_step' as const), id, to: id }),
    fc.record({ kind: fc.constant('move_steps' as const), positions: fc.array(fc.record({ id, position }), { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('connect' as const), edge }),
    fc.record({ kind: fc.constant('disconnect' as const), edges: fc.array(edge, { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('duplicate' as const), ids: fc.uniqueArray(id, { maxLength: 2 }) }),
    fc.record({
      kind: fc.constant('paste' as const),
      steps: fc.array(
        fc.tuple(id, id).map(([one, other]) => step(one, [other])),
        { maxLength: 2 },
      ),
    }),
    fc.record({
      kind: fc.constant('add_group' as const),
      group: fc.record({ id, name: fc.constant('G'), steps: fc.uniqueArray(id, { maxLength: 2 }) }),
    }),
    fc.record({ kind: fc.constant('update_workflow' as const), changes: fc.record({ output: fc.oneof(id, fc.constant(null)) }) }),
  );

  test('of edits leaves a readable draft with unique ids and no cycle, and every undo brings back what was', () => {
    fc.assert(
      fc.property(fc.array(simple, { maxLength: 30 }), (edits) => {
        let history = startHistory(base);
        const seen: Definition[] = [base];
        for (const edit of edits) {
          const before = history.present;
          const frozen = JSON.stringify(before);
          const result = applyEdit(before, edit, testCatalog);
          expect(JSON.stringify(before)).toBe(frozen);
          if (!result.ok) {
            expect(result.problems.length).toBeGreaterThan(0);
            continue;
          }
          const next = result.definition;
          if (JSON.stringify(next) === frozen) expect(next).toBe(before);
          expect(DraftDefinition.safeParse(next).success).toBe(true);
          expect(new Set(next.steps.map((one) => one.id)).size).toBe(next.steps.length);
          expect(componentsInOrder(stepsBefore(next)).every((members) => members.length === 1)).toBe(true);
          if (next !== before) seen.push(next);
          history = record(history, next, { label: edit.kind });
        }
        for (const expected of seen.toReversed()) {
          expect(history.present).toBe(expected);
          history = undo(history);
        }
        for (const expected of seen) {
          expect(history.present).toBe(expected);
          history = redo(history);
        }
      }),
      { numRuns: 400 },
    );
  });
});
