import { expression, type Scope } from './expressions.ts';
import { at, list, record, text } from './workflow-file.ts';

const WITH_TWO: Readonly<Record<string, (left: string, right: string) => string>> = {
  equals: (left, right) => `${left} = ${right}`,
  notEquals: (left, right) => `${left} != ${right}`,
  contains: (left, right) => `$contains(${left}, ${right})`,
  notContains: (left, right) => `$not($contains(${left}, ${right}))`,
  startsWith: (left, right) => `$substring(${left}, 0, $length(${right})) = ${right}`,
  notStartsWith: (left, right) => `$substring(${left}, 0, $length(${right})) != ${right}`,
  endsWith: (left, right) => `$substring(${left}, -$length(${right})) = ${right}`,
  notEndsWith: (left, right) => `$substring(${left}, -$length(${right})) != ${right}`,
  gt: (left, right) => `${left} > ${right}`,
  lt: (left, right) => `${left} < ${right}`,
  gte: (left, right) => `${left} >= ${right}`,
  lte: (left, right) => `${left} <= ${right}`,
  lengthEquals: (left, right) => `$count(${left}) = ${right}`,
  lengthGt: (left, right) => `$count(${left}) > ${right}`,
  lengthLt: (left, right) => `$count(${left}) < ${right}`,
};
const WITH_ONE: Readonly<Record<string, (left: string) => string>> = {
  exists: (left) => `$exists(${left})`,
  notExists: (left) => `$not($exists(${left}))`,
  empty: (left) => `$not($boolean(${left}))`,
  notEmpty: (left) => `$boolean(${left})`,
  true: (left) => `${left} = true`,
  false: (left) => `${left} = false`,
};
/** Older nodes have other words for the same. */
const SAME: Readonly<Record<string, string>> = {
  equal: 'equals',
  notEqual: 'notEquals',
  larger: 'gt',
  largerEqual: 'gte',
  smaller: 'lt',
  smallerEqual: 'lte',
  after: 'gt',
  before: 'lt',
  afterOrEquals: 'gte',
  beforeOrEquals: 'lte',
  isEmpty: 'empty',
  isNotEmpty: 'notEmpty',
};

/** The conditions of an IF, Filter or Switch node as one expression. */
export function conditionOf(conditions: unknown, combine: unknown, scope: Scope): string {
  const source = record(conditions);
  const newer = list(source.conditions);
  const parts = newer.length > 0 ? newer.map((one) => newerCondition(one, source, scope)) : olderConditions(source, scope);
  const word = text(newer.length > 0 ? source.combinator : combine);
  if (parts.length === 0) {
    scope.review('It has no condition');
    return 'false';
  }
  return parts.length === 1
    ? (parts[0] ?? 'false')
    : parts.map((part) => `(${part})`).join(word === 'or' || word === 'any' ? ' or ' : ' and ');
}

function newerCondition(value: unknown, { options }: Readonly<Record<string, unknown>>, scope: Scope): string {
  const { leftValue, rightValue, operator } = record(value);
  const fold = at(options, 'caseSensitive') === false;
  return comparison(text(at(operator, 'type')), text(at(operator, 'operation')), leftValue, rightValue, scope, fold);
}

function olderConditions(source: Readonly<Record<string, unknown>>, scope: Scope): string[] {
  return ['boolean', 'dateTime', 'number', 'string'].flatMap((type) =>
    list(source[type]).map((one) => {
      const { value1, value2, operation } = record(one);
      return comparison(type, text(operation) || (type === 'number' ? 'smaller' : 'equal'), value1, value2, scope);
    }),
  );
}

/** One comparison; of a kind that is not known, it fails with its name when it is asked. */
export function comparison(type: string, operation: string, one: unknown, other: unknown, scope: Scope, fold = false): string {
  const word = Object.hasOwn(SAME, operation) ? (SAME[operation] ?? operation) : operation;
  const cast = (value: string) =>
    type === 'dateTime' ? `$toMillis(${value})` : fold && type === 'string' ? `$lowercase(${value})` : value;
  const operand = (value: unknown) =>
    type === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : expression(value, scope);
  const left = operand(one);
  if (Object.hasOwn(WITH_ONE, word)) return WITH_ONE[word]?.(left) ?? 'false';
  if (type === 'array' && /^(not)?contains$/i.test(word)) {
    const inside = `${operand(other)} in ${left}`;
    return word === 'contains' ? inside : `$not(${inside})`;
  }
  if (Object.hasOwn(WITH_TWO, word)) return WITH_TWO[word]?.(cast(left), cast(operand(other))) ?? 'false';
  scope.review(`It compares by “${word}”, which has to be rewritten`);
  return `$error(${JSON.stringify(`Rewrite this comparison of n8n: ${word}`)})`;
}
