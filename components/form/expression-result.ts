import { useEffect, useState } from 'react';
import type { Json } from '#lib/base/json.ts';
import { compileExpression, evaluateInPlace } from '#lib/workflow/expression.ts';
import { ExpressionError, type ScopeValues } from '#lib/workflow/expression-scope.ts';
import { compileTemplate, splitTemplate } from '#lib/workflow/template.ts';
import type { ExpressionMode } from './template-extension.ts';
import type { ValuesInReach } from './values-in-reach.ts';

/** What an expression comes to with the values at hand. */
export type ExpressionResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly message: string };

const PAUSE_MS = 120;
const SEED = 'preview';

/** The result of a field's expressions, a moment after the last keystroke. */
export function useExpressionResult(text: string, mode: ExpressionMode, reach: ValuesInReach | null): ExpressionResult {
  const [result, setResult] = useState<ExpressionResult>({ kind: 'none' });
  const scope = reach?.scope ?? null;
  useEffect(() => {
    if (scope === null || !hasExpression(text, mode)) {
      setResult({ kind: 'none' });
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      void evaluateText(text, mode, scope).then((next) => current && setResult(next));
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, mode, scope]);
  return result;
}

function hasExpression(text: string, mode: ExpressionMode): boolean {
  if (text.trim() === '') return false;
  return mode === 'expression' || text.includes('{{');
}

/** Evaluates a field's text on given values. Never throws. */
export async function evaluateText(text: string, mode: ExpressionMode, values: ScopeValues): Promise<ExpressionResult> {
  try {
    if (mode === 'template' && splitTemplate(text).unclosed !== null) return { kind: 'error', message: 'A {{ has no }}' };
    const scope = { values, now: Date.now(), seed: SEED };
    const value = await (mode === 'expression' ? evaluateInPlace(compileExpression(text), scope) : compileTemplate(text).resolve(scope));
    return value === undefined ? { kind: 'empty' } : { kind: 'value', value };
  } catch (cause) {
    return { kind: 'error', message: cause instanceof ExpressionError || cause instanceof Error ? cause.message : 'It can’t be evaluated' };
  }
}
