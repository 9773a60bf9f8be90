import type { Json } from '#lib/base/json.ts';
import { type AstNode, leftOf } from './expression-ast.ts';
import type { ScopeValues } from './expression-scope.ts';

/**
 * The fast lane: the plain expressions that make up nearly all of a workflow (paths, comparisons, `and`, `or`,
 * arithmetic, `? :`, `$exists`, `$not`, `$count`) as closures, without the interpreter and without a promise. Same
 * meaning as JSONata, held to it by a property test. Where a value is unusual (a type error, an object in a comparison)
 * a closure throws BAIL and the interpreter decides, with its own messages.
 */
export const BAIL = Symbol('the interpreter decides');

type Value = unknown;
type Run = (values: ScopeValues) => Value;

/** The closure of an expression, or null when the fast lane does not know one of its parts. */
export function compileFast(tree: AstNode): Run | null {
  if (tree.predicate || tree.group || tree.keepArray || tree.consarray) return null;
  switch (tree.type) {
    case 'number':
    case 'string':
    case 'value': {
      const value = tree.value;
      return () => value;
    }
    case 'path':
      return tree.keepSingletonArray || tree.tuple ? null : compilePath(tree.steps ?? []);
    case 'binary':
      return compileBinary(tree);
    case 'block':
      return tree.expressions?.length === 1 ? compileFast(tree.expressions[0] as AstNode) : null;
    case 'condition':
      return compileCondition(tree);
    case 'function':
      return compileCall(tree);
    default:
      return null;
  }
}

interface PathStep {
  readonly name: string;
  /** The number in `[0]`, or null. */
  readonly index: number | null;
}

function compilePath(nodes: readonly AstNode[]): Run | null {
  const steps: PathStep[] = [];
  for (const node of nodes) {
    if (node.type !== 'name' || node.predicate || node.group || node.keepArray || node.tuple || node.focus || node.index) return null;
    const stages = node.stages ?? [];
    const stage = stages[0];
    if (stages.length > 1 || (stage && (stage.type !== 'filter' || stage.expr?.type !== 'number' || stage.expr.predicate))) return null;
    steps.push({ name: String(node.value), index: stage ? Math.floor(stage.expr?.value as number) : null });
  }
  const plain = steps.every((step) => step.index === null) ? steps.map((step) => step.name) : null;
  return (values) => {
    if (plain === null) return walkSequence(steps, values);
    let current: Value = values;
    for (let at = 0; at < plain.length; at += 1) {
      if (Array.isArray(current)) return walkSequence(steps.slice(at), current);
      current = member(current, plain[at] as string);
      if (current === undefined) return undefined;
    }
    return current;
  };
}

function member(value: Value, name: string): Value {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name) || isFunctionLike(value)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Data that carries the interpreter's own flags is a function to it. */
function isFunctionLike(value: object): boolean {
  const flags = value as { _jsonata_function?: unknown; _jsonata_lambda?: unknown };
  return flags._jsonata_function === true || flags._jsonata_lambda === true;
}

/** A result that is a list made on the way, and so may collapse, rather than a list of the data. */
class Sequence {
  readonly items: Value[];
  constructor(items: Value[]) {
    this.items = items;
  }
}

/** Follows names through lists as JSONata does: map, flatten one level, a list of one on the way becomes its item. */
function walkSequence(steps: readonly PathStep[], start: Value): Value {
  let input: readonly Value[] = Array.isArray(start) ? start : [start];
  for (const [at, step] of steps.entries()) {
    const results: Value[] = [];
    for (const item of input) {
      const found = collapse(look(item, step.name));
      const kept = step.index === null ? found : pick(found, step.index);
      if (kept !== undefined) results.push(kept);
    }
    if (at === steps.length - 1 && results.length === 1 && Array.isArray(results[0])) return results[0];
    const flat: Value[] = [];
    for (const result of results) {
      if (result instanceof Sequence) flat.push(...result.items);
      else if (Array.isArray(result)) for (const item of result) flat.push(item);
      else flat.push(result);
    }
    if (flat.length === 0) return undefined;
    input = flat;
  }
  return input.length === 1 ? input[0] : input;
}

function look(value: Value, name: string): Value {
  if (!Array.isArray(value)) return member(value, name);
  const items: Value[] = [];
  for (const item of value) {
    const found = look(item, name);
    if (found === undefined) continue;
    if (found instanceof Sequence) for (const inner of found.items) items.push(inner);
    else if (Array.isArray(found)) for (const inner of found) items.push(inner);
    else items.push(found);
  }
  return new Sequence(items);
}

function collapse(value: Value): Value {
  if (!(value instanceof Sequence)) return value;
  if (value.items.length === 0) return undefined;
  return value.items.length === 1 ? value.items[0] : value;
}

function pick(value: Value, index: number): Value {
  const list = value instanceof Sequence ? value.items : Array.isArray(value) ? value : [value];
  const item: Value = list[index < 0 ? list.length + index : index];
  if (item === undefined) return new Sequence([]);
  return Array.isArray(item) ? item : new Sequence([item]);
}

function compileBinary(tree: AstNode): Run | null {
  const leftNode = leftOf(tree);
  const left = leftNode ? compileFast(leftNode) : null;
  const right = tree.rhs ? compileFast(tree.rhs) : null;
  if (left === null || right === null) return null;
  switch (tree.value) {
    case 'and':
      return (values) => truthy(left(values)) && truthy(right(values));
    case 'or':
      return (values) => truthy(left(values)) || truthy(right(values));
    case '=':
      return (values) => equal(left(values), right(values));
    case '!=':
      return (values) => {
        const a = left(values);
        const b = right(values);
        return a !== undefined && b !== undefined && !equal(a, b);
      };
    case '<':
      return (values) => compare(left(values), right(values), (a, b) => a < b);
    case '<=':
      return (values) => compare(left(values), right(values), (a, b) => a <= b);
    case '>':
      return (values) => compare(left(values), right(values), (a, b) => a > b);
    case '>=':
      return (values) => compare(left(values), right(values), (a, b) => a >= b);
    case '+':
      return (values) => calculate(left(values), right(values), (a, b) => a + b);
    case '-':
      return (values) => calculate(left(values), right(values), (a, b) => a - b);
    case '*':
      return (values) => calculate(left(values), right(values), (a, b) => a * b);
    case '/':
      return (values) => calculate(left(values), right(values), (a, b) => a / b);
    case '%':
      return (values) => calculate(left(values), right(values), (a, b) => a % b);
    case '&':
      return (values) => text(left(values)) + text(right(values));
    case 'in':
      return (values) => includes(left(values), right(values));
    default:
      return null;
  }
}

function compileCondition(tree: AstNode): Run | null {
  const condition = tree.condition ? compileFast(tree.condition) : null;
  const whenTrue = tree.then ? compileFast(tree.then) : null;
  const whenFalse = tree.else ? compileFast(tree.else) : () => undefined;
  if (condition === null || whenTrue === null || whenFalse === null) return null;
  return (values) => (truthy(condition(values)) ? whenTrue(values) : whenFalse(values));
}

function compileCall(tree: AstNode): Run | null {
  const [only, ...more] = tree.arguments ?? [];
  if (tree.procedure?.type !== 'variable' || tree.procedure.predicate || only === undefined || more.length > 0) return null;
  const value = compileFast(only);
  if (value === null) return null;
  const argument: Run = (values) => {
    const given = value(values);
    if (typeof given === 'object' && given !== null && isFunctionLike(given)) throw BAIL;
    return given;
  };
  switch (tree.procedure.value) {
    case 'exists':
      return (values) => argument(values) !== undefined;
    case 'not':
      return (values) => {
        const given = argument(values);
        return given === undefined ? undefined : !truthy(given);
      };
    case 'count':
      return (values) => {
        const given = argument(values);
        if (given === undefined) return 0;
        return Array.isArray(given) ? given.length : 1;
      };
    default:
      return null;
  }
}

/** The effective boolean of a value, as JSONata's `$boolean` casts it; undefined is false. */
export function truthy(value: Value): boolean {
  if (Array.isArray(value)) return value.some(truthy);
  if (typeof value === 'object' && value !== null) return !isFunctionLike(value) && Object.keys(value).length > 0;
  return Boolean(value);
}

function equal(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) throw BAIL;
  return a === b;
}

function compare(a: Value, b: Value, holds: (a: string | number, b: string | number) => boolean): boolean | undefined {
  if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
  if (typeof a === 'string' && typeof b === 'string') return holds(a, b);
  const comparable = (value: Value): boolean => value === undefined || typeof value === 'string' || typeof value === 'number';
  if (comparable(a) && comparable(b) && (a === undefined || b === undefined)) return undefined;
  throw BAIL;
}

function calculate(a: Value, b: Value, apply: (a: number, b: number) => number): number | undefined {
  if ((a !== undefined && typeof a !== 'number') || (b !== undefined && typeof b !== 'number')) throw BAIL;
  if (a === undefined || b === undefined) return undefined;
  const result = apply(a, b);
  if (!Number.isFinite(result)) throw BAIL;
  return result;
}

function text(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? JSON.stringify(value) : String(Number(value.toPrecision(15)));
  throw BAIL;
}

function includes(item: Value, list: Value): boolean {
  if (item === undefined || list === undefined) return false;
  if (typeof item === 'object' && item !== null) throw BAIL;
  return Array.isArray(list) ? list.includes(item as Json) : list === item;
}
