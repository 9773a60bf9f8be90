import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#lib/base/json.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { compileGraph } from '#lib/workflow/graph.ts';
import { redactEvent } from './redact.ts';

const graph = compileGraph(
  {
    name: 'test',
    steps: [
      { id: 'hidden', type: 'agent_task', sensitive: 'output', config: { goal: 'x' } },
      { id: 'call', type: 'workflow', depends_on: ['hidden'], config: { workflow_id: 'wf_1', input: { a: '{{ steps.hidden.output }}' } } },
      { id: 'plain', type: 'workflow', config: { workflow_id: 'wf_1', input: { a: 1 } } },
    ],
  },
  stepCatalog,
);
const base = { attempt: 1, seq: 1, at: 1 };

describe('checklist #31: what events show of sensitive outputs', () => {
  test('the input of a run that a step waits for', () => {
    const waiting = (step: string, data: JsonObject) =>
      redactEvent(graph, { ...base, type: 'step_waiting', kind: 'child', step, wake_at: null, data });
    expect(waiting('call', { run_id: 'run_1', input: { a: 'secret' } })).toMatchObject({ data: { run_id: 'run_1', input: '[REDACTED]' } });
    expect(waiting('plain', { run_id: 'run_1', input: { a: 1 } })).toMatchObject({ data: { input: { a: 1 } } });
  });

  test('what a step emits while it works on its output', () => {
    const emitted = (step: string) =>
      redactEvent(graph, { ...base, type: 'step_emitted', step, name: 'agent.reply', data: { text: 'secret' } });
    expect(emitted('hidden')).toMatchObject({ name: 'agent.reply', data: '[REDACTED]' });
    expect(emitted('call')).toMatchObject({ data: '[REDACTED]' });
    expect(emitted('plain')).toMatchObject({ data: { text: 'secret' } });
  });
});
