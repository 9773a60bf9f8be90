import { expect, test } from 'vitest';
import { compileExpression } from '#lib/workflow/expression.ts';
import { expression, jsonTemplate, plainPath, type Scope, template } from './expressions.ts';

const reviews: string[] = [];
const scope: Scope = {
  json: 'steps.fetch.output.body',
  outputOf: (node) => (node === 'Get users' ? 'steps.get_users.output' : null),
  review: (reason) => void reviews.push(reason),
};

test.each([
  ['$json', 'steps.fetch.output.body'],
  [' $json.a.b ', 'steps.fetch.output.body.a.b'],
  ['$json["a b"].c', 'steps.fetch.output.body.`a b`.c'],
  ["$json?.items?.[0]['id']", 'steps.fetch.output.body.items[0].id'],
  ['$input.item.json.id', 'steps.fetch.output.body.id'],
  ['$input.first().json.id', 'steps.fetch.output.body.id'],
  ['$node["Get users"].json.id', 'steps.get_users.output.id'],
  ["$('Get users').item.json.id", 'steps.get_users.output.id'],
  ["$('Get users').all()", 'steps.get_users.output'],
  ['$items("Get users")[0].json.id', 'steps.get_users.output.id'],
  ['JSON.stringify($json.a)', 'steps.fetch.output.body.a'],
  ['$execution.id', 'run.id'],
  ['42', '42'],
  ['$json.a.toUpperCase()', null],
  ['$json.list.length', null],
  ['$json.a + 1', null],
  ["$('Nobody').item.json.id", null],
  ['$json.constructor["a`b"]', null],
  ['$jsonata', null],
  ['process.exit()', null],
])('%s is the path %s', (code, path) => {
  expect(plainPath(code, scope)).toBe(path);
  if (path !== null) expect(compileExpression(path).problems).toEqual([]);
});

test.each([
  ['plain text', 'plain text'],
  ['=Hello {{ $json.name }}!', 'Hello {{ steps.fetch.output.body.name }}!'],
  ['={{ $json }}', '{{ steps.fetch.output.body }}'],
  ['=no code', 'no code'],
  // Text there would be an expression here.
  ['{{ $json.a }}', '{{ "{{ $json.a }}" }}'],
  ['={{ "}}" + $json.a }}', '{{ $error("Rewrite this expression of n8n: \\"}}\\" + $json.a") }}'],
  [
    ['={{ $json.a }}', 1, null],
    ['{{ steps.fetch.output.body.a }}', 1, null],
  ],
])('%j becomes %j', (given, made) => {
  expect(template(given, scope)).toEqual(made);
});

test('what is more than a path is kept, named for review, and fails where it is reached', () => {
  reviews.length = 0;
  const made = expression('={{ $json.total * 1.19 }}', scope);
  expect(made).toBe('$error("Rewrite this expression of n8n: $json.total * 1.19")');
  expect(compileExpression(made).problems).toEqual([]);
  expect(reviews).toEqual(['This expression has to be rewritten: $json.total * 1.19']);
  expect(expression('=Order {{ $json.id }}', scope)).toBe('("Order " & steps.fetch.output.body.id)');
});

test.each([
  [
    '={ "id": {{ $json.id }}, "text": "No. {{ $json.id }}" }',
    { id: '{{ steps.fetch.output.body.id }}', text: 'No. {{ steps.fetch.output.body.id }}' },
  ],
  ['{ "a": [1, true] }', { a: [1, true] }],
  ['={ "quote": "\\"{{ $json.a }}" }', { quote: '"{{ steps.fetch.output.body.a }}' }],
  ['={{ $json }}', '{{ steps.fetch.output.body }}'],
  ['={ "a": ', null],
])('the JSON text %s becomes %j', (source, made) => {
  expect(jsonTemplate(source, scope)).toEqual(made);
});
