import { toPointer } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';

/** How deep a definition may nest, the document itself being level 1. */
const MAX_DEPTH = 64;
const MAX_FAULTS = 100;

interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Place | null;
  readonly depth: number;
}

/**
 * What makes a value unfit for storage or for other checks: nesting beyond 64 levels, NUL characters, half surrogate
 * pairs, the key `__proto__`, and what is no JSON at all. It keeps a stack of its own, so that depth can't hurt it;
 * `deep` says that recursive checks must not touch the value.
 */
export function jsonFaults(value: unknown): { readonly problems: Problem[]; readonly deep: boolean } {
  const problems: Problem[] = [];
  let deep = false;
  const stack: Place[] = [{ value, key: '', parent: null, depth: 1 }];
  const report = (place: Place, code: string, message: string) => {
    if (problems.length < MAX_FAULTS) problems.push({ path: pointerOf(place), code, message });
  };
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { value: current, depth } = place;
    if (typeof current === 'string') {
      const fault = textFault(current);
      if (fault !== null) report(place, 'invalid_text', `This text holds ${fault}`);
    } else if (typeof current === 'number') {
      if (!Number.isFinite(current)) report(place, 'invalid_type', 'Must be a finite number');
    } else if (typeof current === 'object' && current !== null) {
      if (depth > MAX_DEPTH) {
        if (!deep) report(place, 'too_deep', `Nested deeper than ${MAX_DEPTH} levels`);
        deep = true;
        continue;
      }
      pushMembers(stack, place, current, report);
    } else if (typeof current !== 'boolean' && current !== null && current !== undefined) {
      report(place, 'invalid_type', `Must be a value of JSON, not a ${typeof current}`);
    }
  }
  return { problems, deep };
}

function pushMembers(stack: Place[], parent: Place, value: object, report: (place: Place, code: string, message: string) => void): void {
  const depth = parent.depth + 1;
  if (Array.isArray(value)) {
    for (let key = value.length - 1; key >= 0; key -= 1) stack.push({ value: value[key], key, parent, depth });
    return;
  }
  for (const key of Object.keys(value).reverse()) {
    const place: Place = { value: (value as Record<string, unknown>)[key], key, parent, depth };
    const fault = textFault(key);
    if (fault !== null) report(parent, 'invalid_text', `A key here holds ${fault}`);
    else if (key === '__proto__') report(place, 'unsafe_key', `The key '__proto__' is not allowed`);
    stack.push(place);
  }
}

function textFault(text: string): string | null {
  if (text.includes('\0')) return 'a NUL character, which can not be stored';
  return text.isWellFormed() ? null : 'half of a surrogate pair, which is no Unicode text';
}

function pointerOf(place: Place): string {
  const path: (string | number)[] = [];
  for (let at: Place | null = place; at?.parent; at = at.parent) path.push(typeof at.key === 'string' ? at.key.toWellFormed() : at.key);
  return toPointer(path.reverse());
}
