import type { JsonObject } from '#lib/base/json.ts';
import { comparison, conditionOf } from './conditions.ts';
import { expression, template } from './expressions.ts';
import { type NodeTranslator, present } from './node-translator.ts';
import { at, list, type N8nNode, record, text } from './workflow-file.ts';

const ifNode: NodeTranslator = {
  gives: 'input',
  step: ({ parameters }, scope) => ({
    type: 'condition',
    config: { expression: conditionOf(parameters.conditions, parameters.combineOperation, scope) },
    branches: [['true'], ['false']],
  }),
};

const filterNode: NodeTranslator = {
  gives: 'input',
  step({ parameters }, scope) {
    scope.approximate('It lets the whole pass or nothing; items of a list are not chosen one by one');
    const expression = conditionOf(parameters.conditions, parameters.combineConditions ?? parameters.combineOperation, scope);
    return { type: 'condition', config: { expression }, branches: [['true'], ['false']] };
  },
};

interface Case {
  readonly output: number;
  readonly label: string;
  readonly when: string;
}

const switchNode: NodeTranslator = {
  gives: 'input',
  step(node, scope) {
    const { parameters } = node;
    const cases = parameters.mode === 'expression' ? casesByNumber(node, expression(parameters.output, scope)) : [];
    const rules = at(parameters, 'rules', 'values') ?? at(parameters, 'rules', 'rules');
    if (parameters.mode !== 'expression') {
      for (const [index, one] of list(rules).slice(0, 50).entries()) {
        const rule = record(one);
        const label = text(rule.outputKey) || `output ${index}`;
        const when =
          rule.conditions === undefined
            ? comparison(text(parameters.dataType) || 'number', text(rule.operation) || 'equal', parameters.value1, rule.value2, scope)
            : conditionOf(rule.conditions, undefined, scope);
        cases.push({ output: typeof rule.output === 'number' ? rule.output : index, label, when });
      }
    }
    if (cases.length === 0) {
      scope.review('It has no rules');
      cases.push({ output: 0, label: 'output 0', when: 'false' });
    }
    return { type: 'condition', ...byOutput(cases, at(parameters, 'options', 'fallbackOutput') ?? parameters.fallbackOutput) };
  },
};

function casesByNumber({ parameters }: N8nNode, number: string): Case[] {
  const given = parameters.numberOutputs ?? parameters.outputsAmount ?? 4;
  const count = typeof given === 'number' && given > 0 ? Math.min(50, Math.floor(given)) : 4;
  return Array.from({ length: count }, (_, output) => ({ output, label: `output ${output}`, when: `${number} = ${output}` }));
}

/** Rules that lead to the same output are one case. */
function byOutput(cases: readonly Case[], fallback: unknown): { config: JsonObject; branches: string[][] } {
  const names = new Set(['default', 'error']);
  const merged = new Map<number, { name: string; when: string[] }>();
  for (const { output, label, when } of cases) {
    const known = merged.get(output);
    if (known) known.when.push(when);
    else merged.set(output, { name: freeName(label, output, names), when: [when] });
  }
  const branches: string[][] = [];
  for (const [output, { name }] of merged) if (output >= 0 && output < 100) branches[output] = [name];
  const outputs = Math.max(-1, ...merged.keys()) + 1;
  const other = fallback === 'extra' ? outputs : typeof fallback === 'number' && fallback >= 0 && fallback < 100 ? fallback : null;
  if (other !== null) branches[other] = [...(branches[other] ?? []), 'default'];
  const listed = [...merged.values()].map(({ name, when }) => ({
    name,
    when: when.length === 1 ? (when[0] ?? 'false') : when.map((one) => `(${one})`).join(' or '),
  }));
  return { config: { cases: listed }, branches: Array.from(branches, (branch) => branch ?? []) };
}

function freeName(label: string, output: number, names: Set<string>): string {
  const plain = label
    .replaceAll(/[^A-Za-z0-9_\- ]/g, ' ')
    .trim()
    .slice(0, 60);
  const name = plain !== '' && !names.has(plain) ? plain : `output ${output}`;
  names.add(name);
  return name;
}

const UNITS: Readonly<Record<string, string>> = { seconds: 's', minutes: 'm', hours: 'h', days: 'd' };

const waitNode: NodeTranslator = {
  gives: 'input',
  step(node, scope) {
    const { parameters } = node;
    const resume = text(parameters.resume) || 'timeInterval';
    if (resume === 'specificTime') {
      scope.review('A time here has a zone, such as 2027-01-01T09:00:00Z');
      return { type: 'wait', config: { until: template(parameters.dateTime ?? '', scope) } };
    }
    if (resume !== 'timeInterval') {
      scope.review('It waits for a call; send the event “resume” to the run, or by a hook of the workflow');
      return { type: 'wait', config: { event_type: 'resume' }, branches: [['received']] };
    }
    const amount = parameters.amount ?? (node.version > 1 ? 5 : 1);
    const unit = UNITS[text(parameters.unit) || (node.version > 1 ? 'seconds' : 'hours')] ?? 's';
    if (typeof amount === 'number') return { type: 'wait', config: { duration: `${amount}${unit}` } };
    return { type: 'wait', config: { duration: `${String(template(amount, scope))}${unit}` } };
  },
};

const executeNode: NodeTranslator = {
  gives: () => '',
  step({ parameters }, scope) {
    const chosen = record(parameters.workflowId);
    const name = text(chosen.cachedResultName) || text(chosen.value) || text(parameters.workflowId) || text(parameters.workflowPath);
    scope.review(`Choose the workflow to run: there it was “${name}”`);
    const given = at(parameters, 'workflowInputs', 'value');
    const wait = at(parameters, 'options', 'waitForSubWorkflow') === false ? false : undefined;
    const input = given === undefined ? `{{ ${scope.json} }}` : template(given, scope);
    return { type: 'workflow', config: present({ workflow_id: name, input, wait }) };
  },
};

export const FLOW_NODES: Readonly<Record<string, NodeTranslator>> = {
  if: ifNode,
  filter: filterNode,
  switch: switchNode,
  wait: waitNode,
  executeWorkflow: executeNode,
};

/** Why a node that starts runs becomes no step; null for a node that is none. */
export function triggerReason({ kind, parameters }: N8nNode): { readonly reason: string; readonly result: 'dropped' | 'review' } | null {
  if (/^(manualTrigger|start|executeWorkflowTrigger)$/.test(kind))
    return { result: 'dropped', reason: 'Every workflow here can be started by hand, by a program and by another workflow' };
  if (/^(scheduleTrigger|cron|interval)$/.test(kind)) {
    const cron = list(at(parameters, 'rule', 'interval')).flatMap(
      (one) => text(record(one).expression) || text(record(one).field) || [],
    )[0];
    return { result: 'review', reason: `Make a schedule of the workflow${cron === undefined ? '' : ` (there: ${cron})`}` };
  }
  if (/^(webhook|formTrigger)$/.test(kind))
    return {
      result: 'review',
      reason: `Make a hook of the workflow; what is sent comes in as input${kind === 'webhook' ? ': body, headers, query' : ''}`,
    };
  if (/trigger$/i.test(kind))
    return { result: 'review', reason: `Starts at events of “${kind.replace(/trigger$/i, '')}”: send them to a hook of the workflow` };
  return null;
}

/** Where the value of a trigger is: what it is started with. */
export const TRIGGER_PATH = 'input';
