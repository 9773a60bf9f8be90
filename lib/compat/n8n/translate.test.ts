import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition, Step } from '#lib/workflow/definition.ts';
import { validateDefinition } from '#lib/workflow/validate.ts';
import { translateN8n } from './translate.ts';

type Given = Readonly<Record<string, unknown>>;

const node = (name: string, kind: string, parameters: Given = {}, more: Given = {}) => ({
  id: name,
  name,
  type: `n8n-nodes-base.${kind}`,
  typeVersion: 4,
  position: [0, 0],
  parameters,
  ...more,
});
const TRIGGER = node('Start', 'manualTrigger');
/** A row of nodes, each after the one before. */
const row = (...nodes: Given[]) =>
  file(
    nodes,
    nodes.slice(1).map((one, at) => [nodes[at]?.name as string, 0, one.name as string]),
  );

function file(nodes: Given[], edges: (readonly [string, number, string, number?])[]): JsonObject {
  const connections: Record<string, { main: { node: string; type: string; index: number }[][] }> = {};
  for (const [from, output, to, index = 0] of edges) {
    connections[from] ??= { main: [] };
    const { main } = connections[from];
    while (main.length <= output) main.push([]);
    main[output]?.push({ node: to, type: 'main', index });
  }
  return { name: 'From n8n', nodes, connections } as unknown as JsonObject;
}

function translated(value: JsonObject): { definition: Definition; steps: Record<string, Step>; reasons: Record<string, string> } {
  const made = translateN8n(value);
  if (made.definition === null) throw new Error(made.refusal);
  const reasons = made.report.map((one) => [one.node, `${one.result}: ${one.reasons.join('; ')}`]);
  return {
    definition: made.definition,
    steps: Object.fromEntries(made.definition.steps.map((step) => [step.id, step])),
    reasons: Object.fromEntries(reasons),
  };
}

const faults = (definition: Definition) => validateDefinition(definition, stepCatalog).errors.map(({ step, code }) => `${step} ${code}`);

const FETCH = node('Fetch', 'httpRequest', { url: 'https://api.example.com/orders' });

describe('nodes', () => {
  test.each<[string, Given, Given]>([
    [
      'a request with everything',
      node('It', 'httpRequest', {
        method: 'POST',
        url: '=https://api.example.com/{{ $json.id }}',
        sendQuery: true,
        queryParameters: { parameters: [{ name: 'page', value: '1' }] },
        sendHeaders: true,
        headerParameters: { parameters: [{ name: 'X-Trace', value: '={{ $execution.id }}' }] },
        sendBody: true,
        specifyBody: 'json',
        jsonBody: '={ "id": {{ $json.id }} }',
        options: { timeout: 5000, response: { response: { neverError: true } } },
      }),
      {
        type: 'http_request',
        config: {
          method: 'POST',
          url: 'https://api.example.com/{{ input.id }}',
          query: { page: '1' },
          headers: { 'X-Trace': '{{ run.id }}' },
          body: { id: '{{ input.id }}' },
          timeout: '5000ms',
          accept_statuses: ['any'],
        },
      },
    ],
    [
      'an older request',
      node(
        'It',
        'httpRequest',
        { requestMethod: 'PUT', url: 'https://a.example', bodyParametersUi: { parameter: [{ name: 'a', value: '={{ $json.a }}' }] } },
        { typeVersion: 1 },
      ),
      { config: { method: 'PUT', url: 'https://a.example', body: { a: '{{ input.a }}' } } },
    ],
    [
      'Edit Fields',
      node('It', 'set', {
        assignments: {
          assignments: [
            { name: 'a.b', type: 'number', value: '2' },
            { name: 'c', type: 'string', value: '={{ $json.c }}' },
          ],
        },
      }),
      { type: 'transform', config: { fields: { a: { b: 2 }, c: '{{ input.c }}' } } },
    ],
    [
      'an older Set that keeps the rest',
      node('It', 'set', { values: { string: [{ name: 'a', value: 'x' }] } }, { typeVersion: 1 }),
      { config: { expression: '$merge([input, { "a": "x" }])' } },
    ],
    [
      'IF',
      node('It', 'if', {
        conditions: {
          combinator: 'and',
          conditions: [
            { leftValue: '={{ $json.total }}', rightValue: 100, operator: { type: 'number', operation: 'gt' } },
            { leftValue: '={{ $json.land }}', rightValue: 'DE', operator: { type: 'string', operation: 'equals' } },
          ],
        },
      }),
      { type: 'condition', config: { expression: '(input.total > 100) and (input.land = "DE")' } },
    ],
    [
      'an older IF',
      node('It', 'if', { conditions: { number: [{ value1: '={{ $json.a }}', operation: 'larger', value2: 3 }] } }, { typeVersion: 1 }),
      { config: { expression: 'input.a > 3' } },
    ],
    [
      'Switch',
      node('It', 'switch', {
        rules: {
          values: [
            {
              outputKey: 'big',
              conditions: { conditions: [{ leftValue: '={{ $json.n }}', rightValue: 9, operator: { type: 'number', operation: 'gt' } }] },
            },
          ],
        },
      }),
      { config: { cases: [{ name: 'big', when: 'input.n > 9' }] } },
    ],
    ['Wait', node('It', 'wait', { amount: 2, unit: 'minutes' }, { typeVersion: 1.1 }), { type: 'wait', config: { duration: '2m' } }],
    ['No Operation', node('It', 'noOp'), { type: 'transform', config: { expression: 'input' } }],
    [
      'Respond to Webhook',
      node('It', 'respondToWebhook', { respondWith: 'json', responseBody: '={ "ok": true, "id": "{{ $json.id }}" }' }),
      { config: { fields: { ok: true, id: '{{ input.id }}' } } },
    ],
    [
      'a retry',
      node('It', 'noOp', {}, { retryOnFail: true, maxTries: 4, waitBetweenTries: 2000, onError: 'continueRegularOutput' }),
      { retry: { max_attempts: 4, delay: '2000ms', backoff: 'constant' }, on_error: 'continue' },
    ],
    ['a node that is turned off', node('It', 'noOp', {}, { disabled: true }), { enabled: false }],
  ])('%s', (_what, given, step) => {
    const { definition, steps } = translated(row(TRIGGER, given));
    expect(steps.it).toMatchObject(step);
    expect(faults(definition)).toEqual([]);
  });

  test('what follows reads what the node gives, through nodes that only let pass', () => {
    const { definition, steps } = translated(
      file(
        [
          TRIGGER,
          FETCH,
          node('Big?', 'if', { conditions: { number: [{ value1: '={{ $json.n }}', operation: 'larger', value2: 1 }] } }),
          node('Yes', 'set', { assignments: { assignments: [{ name: 'n', value: '={{ $json.n }}' }] } }),
          node('No', 'noOp'),
        ],
        [
          ['Start', 0, 'Fetch'],
          ['Fetch', 0, 'Big?'],
          ['Big?', 0, 'Yes'],
          ['Big?', 1, 'No'],
        ],
      ),
    );
    expect(steps.yes).toMatchObject({
      depends_on: [{ step: 'big', branch: 'true' }],
      config: { fields: { n: '{{ steps.fetch.output.body.n }}' } },
    });
    expect(steps.no?.depends_on).toEqual([{ step: 'big', branch: 'false' }]);
    expect(steps.fetch?.depends_on).toBeUndefined();
    expect(faults(definition)).toEqual([]);
  });

  test('Merge joins what comes in at its inputs', () => {
    const { steps, definition } = translated(
      file(
        [TRIGGER, FETCH, node('Other', 'noOp'), node('Both', 'merge', { mode: 'append' })],
        [
          ['Start', 0, 'Fetch'],
          ['Start', 0, 'Other'],
          ['Fetch', 0, 'Both', 0],
          ['Other', 0, 'Both', 1],
        ],
      ),
    );
    expect(steps.both).toMatchObject({
      depends_on: ['fetch', 'other'],
      config: { expression: '$append(steps.fetch.output.body, steps.other.output)' },
    });
    expect(faults(definition)).toEqual([]);
  });

  test('a loop takes in what it repeats; what comes after reads its list', () => {
    const { definition, steps } = translated(
      file(
        [
          TRIGGER,
          FETCH,
          node('Each', 'splitInBatches', {}, { typeVersion: 3 }),
          node('Send', 'httpRequest', { url: '=https://a.example/{{ $json.id }}' }),
          node('After', 'set', { assignments: { assignments: [{ name: 'all', value: '={{ $json }}' }] } }),
        ],
        [
          ['Start', 0, 'Fetch'],
          ['Fetch', 0, 'Each'],
          ['Each', 1, 'Send'],
          ['Send', 0, 'Each'],
          ['Each', 0, 'After'],
        ],
      ),
    );
    expect(Object.keys(steps)).toEqual(['fetch', 'each', 'after']);
    expect(steps.each).toMatchObject({
      type: 'loop',
      config: { items: 'steps.fetch.output.body', steps: [{ id: 'send', config: { url: 'https://a.example/{{ item.id }}' } }] },
    });
    expect(steps.after).toMatchObject({ depends_on: ['each'], config: { fields: { all: '{{ steps.each.output }}' } } });
    expect(faults(definition)).toEqual([]);
  });

  test('an error output becomes the error branch', () => {
    const { steps } = translated(
      file(
        [TRIGGER, { ...FETCH, onError: 'continueErrorOutput' }, node('Tell', 'noOp')],
        [
          ['Start', 0, 'Fetch'],
          ['Fetch', 1, 'Tell'],
        ],
      ),
    );
    expect(steps.tell?.depends_on).toEqual([{ step: 'fetch', branch: 'error' }]);
  });

  test('code runs with the names that it was written with', () => {
    const code = "return $input.all().map((item) => ({ json: { n: item.json.n + $('Fetch').first().json.add } }));";
    const { steps, reasons } = translated(row(TRIGGER, FETCH, node('Sum', 'code', { jsCode: code })));
    expect(steps.sum).toMatchObject({
      type: 'script',
      config: {
        language: 'javascript',
        args: { json: '{{ steps.fetch.output.body }}', nodes: { Fetch: '{{ steps.fetch.output.body }}' } },
      },
    });
    expect(reasons.Sum).toMatch(/^review: /);
  });

  test('a sticky note is a note, and a single response the output', () => {
    const { definition } = translated(
      row(TRIGGER, node('Answer', 'respondToWebhook'), node('Sticky', 'stickyNote', { content: '## Why', height: 100, width: 200 })),
    );
    expect(definition.notes).toEqual([{ id: 'note_1', text: '## Why', position: { x: 0, y: 0 }, size: { width: 320, height: 100 } }]);
    expect(definition.output).toBe('answer');
  });
});

describe('the report', () => {
  test('an unknown node is a placeholder that no version takes, and never vanishes', () => {
    const { definition, reasons } = translated(row(TRIGGER, node('Tell', 'slack', { text: '={{ $json.a }}' })));
    expect(faults(definition)).toEqual(['tell unknown_type']);
    expect(definition.steps[0]).toMatchObject({ type: 'n8n-nodes-base.slack', config: { text: '{{ input.a }}' } });
    expect(reasons.Tell).toBe('placeholder: There is no such step here; put another in its place');
  });

  test('has a line for every node, with the reason', () => {
    const { reasons } = translated(
      row(
        node('Hourly', 'scheduleTrigger', { rule: { interval: [{ field: 'hours' }] } }),
        FETCH,
        node('Sum', 'set', { assignments: { assignments: [{ name: 'a', value: '={{ $json.a * 2 }}' }] } }),
        node('Other', 'executeWorkflow', { workflowId: { value: 'x1', cachedResultName: 'Bill' } }),
      ),
    );
    expect(reasons).toEqual({
      Hourly: 'review: Make a schedule of the workflow (there: hours)',
      Fetch: 'translated: ',
      Sum: 'review: This expression has to be rewritten: $json.a * 2',
      Other: 'review: Choose the workflow to run: there it was “Bill”',
    });
  });
});

describe('files that are there to do harm', { timeout: 60_000 }, () => {
  test('a way back that is no loop is left out and named', () => {
    const { definition, reasons } = translated(
      file(
        [node('A', 'noOp'), node('B', 'noOp')],
        [
          ['A', 0, 'B'],
          ['B', 0, 'A'],
        ],
      ),
    );
    // What it read there is not before it any more, and the validator says so.
    expect(faults(definition)).toEqual(['a reference_not_upstream']);
    expect(reasons.B).toMatch(/^review: The way back to “A” is left out/);
  });

  test.each<[string, Given]>([
    ['too many nodes', { nodes: Array.from({ length: 2001 }, (_, at) => node(`N${at}`, 'noOp')), connections: {} }],
    ['what is nested too deep', { nodes: [], connections: {}, meta: Array.from({ length: 500 }).reduce<unknown>((inner) => [inner], 1) }],
    ['a key of the prototype', JSON.parse('{"nodes":[],"connections":{"__proto__":{"main":[]}}}') as Given],
  ])('refuses %s with a sentence', (_what, value) => {
    expect(translateN8n(value as unknown as JsonObject)).toEqual({ definition: null, refusal: expect.stringMatching(/./) });
  });

  test('a long chain and many loops take little time', () => {
    const nodes = Array.from({ length: 2000 }, (_, at) => node(`N${at}`, at % 2 ? 'splitInBatches' : 'if', {}, { typeVersion: 3 }));
    const edges = nodes.slice(1).map((one, at) => [nodes[at]?.name as string, 1, one.name as string] as const);
    const began = performance.now();
    expect(translateN8n(file(nodes, edges)).definition).not.toBeNull();
    expect(performance.now() - began).toBeLessThan(5000);
  });

  const anything = fc.oneof(fc.constantFrom<Json>('x', 1, null, true, [], {}), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>);
  const kinds = [
    'set',
    'if',
    'switch',
    'merge',
    'httpRequest',
    'code',
    'wait',
    'splitInBatches',
    'executeWorkflow',
    'respondToWebhook',
    'stickyNote',
    'webhook',
    'constructor',
    '__proto__',
  ];
  const keys = [
    'conditions',
    'rules',
    'values',
    'assignments',
    'url',
    'sendBody',
    'jsonBody',
    'specifyBody',
    'options',
    'mode',
    'amount',
    'unit',
    'content',
    'jsCode',
    'workflowId',
    'output',
    'parameters',
    'responseBody',
    'respondWith',
  ];
  const name = fc.constantFrom('A', 'B', 'C', 'constructor', 'toString');
  const anyNode = fc.oneof(
    anything,
    fc.record({
      name,
      type: fc.constantFrom(...kinds.map((kind) => `n8n-nodes-base.${kind}`)),
      typeVersion: anything,
      position: anything,
      parameters: fc.oneof(anything, fc.dictionary(fc.constantFrom(...keys), anything, { noNullPrototype: true })),
    }),
  );
  const anyEdges = fc.dictionary(
    name,
    fc.oneof(anything, fc.record({ main: fc.array(fc.oneof(anything, fc.array(fc.record({ node: name, index: anything })))) })),
    { noNullPrototype: true },
  );

  test('whatever stands in a file, the answer is a definition or a sentence', () => {
    fc.assert(
      fc.property(fc.array(anyNode, { maxLength: 6 }), anyEdges, (nodes, connections) => {
        const made = translateN8n({ nodes, connections } as unknown as JsonObject);
        if (made.definition === null) expect(made.refusal).not.toBe('');
        else expect(() => validateDefinition(made.definition, stepCatalog)).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
