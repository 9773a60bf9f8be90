import { certainUpstream } from './certain-upstream.ts';
import { bodyOf, insideLoop, scopeAround } from './check-bodies.ts';
import type { Step } from './definition.ts';
import type { Reference } from './expression.ts';
import { EXPRESSION_ROOTS } from './expression-scope.ts';
import { type Checked, report, reportStep } from './findings.ts';
import { expressionsOf } from './step-references.ts';
import { stepType } from './step-type.ts';
import { compileTemplate } from './template.ts';
import { upstreamOf } from './upstream.ts';

const ROOTS: ReadonlySet<string> = new Set([...EXPRESSION_ROOTS, '*']);
const STEP_FIELDS = ['output', 'error', 'status', 'branch'];

/**
 * Syntax of every expression, and what it reads. What is upstream of what is asked only where the graph is sound.
 */
export function checkExpressions(checked: Checked, sound: boolean): void {
  const { definition, catalog, errors } = checked;
  definition.steps.forEach((step, at) => {
    const { references, problems } = expressionsOf(step, catalog);
    for (const problem of problems) {
      reportStep(errors, step, at, problem.pointer, 'expression_syntax', syntaxText(problem.message, problem.position));
    }
    const seen = new Set<string>();
    for (const reference of references) {
      const key = `${reference.pointer} ${reference.root} ${reference.step ?? ''} ${reference.path[0] ?? ''}`;
      if (seen.has(key)) continue;
      seen.add(key);
      checkReference(checked, step, at, reference, sound);
    }
  });
  checkConcurrencyKey(checked);
}

function syntaxText(message: string, position: number): string {
  return `This expression can't be read: ${message} (at character ${position + 1})`;
}

function checkConcurrencyKey({ definition, errors }: Checked): void {
  const key = definition.concurrency?.key;
  if (key === undefined) return;
  const { problems, references } = compileTemplate(key);
  for (const problem of problems) {
    report(errors, { path: '/concurrency/key', code: 'expression_syntax', message: syntaxText(problem.message, problem.position) });
  }
  if (references.some((reference) => reference.root === 'steps' || reference.root === 'secrets')) {
    report(errors, {
      path: '/concurrency/key',
      code: 'not_available',
      message: 'The concurrency key is asked before any step: it can read the input only',
    });
  }
}

/** True for a field that is one expression, such as a condition: the engine asks it and journals the answer. */
function isExpressionField({ catalog }: Checked, step: Step, pointer: string): boolean {
  const [, place, ...path] = pointer.split('/');
  if (place !== 'config') return false;
  return (stepType(catalog, step.type)?.expressionKeys ?? []).some((pattern) => {
    const keys = pattern.split('.');
    return keys.length === path.length && keys.every((key, index) => key === '*' || key === path[index]);
  });
}

function checkReference(
  checked: Checked,
  step: Step,
  at: number,
  reference: Reference & { readonly pointer: string },
  sound: boolean,
): void {
  const { errors, warnings, index } = checked;
  const { pointer, root, step: source } = reference;
  const isCondition = pointer === '/run_when' || pointer === '/skip_when';
  if (root === 'secrets' && (isCondition || reference.late)) {
    reportStep(errors, step, at, pointer, 'secret_in_condition', 'A condition can not read secrets; they are for a step’s config only');
  } else if (root === 'secrets' && isExpressionField(checked, step, pointer)) {
    const message = 'A secret is for what a step sends, in the {{ }} of a field; conditions and expressions of a step can not read it';
    reportStep(errors, step, at, pointer, 'secret_in_expression', message);
  } else if (root === 'secrets' && reference.path.length === 0) {
    const message = 'A secret is read by its name, secrets.NAME; which one can not be left to an expression';
    reportStep(errors, step, at, pointer, 'secret_unnamed', message);
  } else if (!ROOTS.has(root)) {
    const message = `An expression starts with ${EXPRESSION_ROOTS.join(', ')}; '${root}' is none of them and has no value`;
    reportStep(warnings, step, at, pointer, 'unknown_name', message);
  }
  checkIteration(checked, step, at, reference);
  if (root !== 'steps' || source === null) return;
  const body = bodyOf(step, checked.catalog);
  if (body?.has(source) && pointer === body.breakWhen) return;
  if (!index.has(source)) {
    const around = scopeAround(checked, source);
    if (around !== null) {
      checkOutside(checked, step, at, { ...reference, step: source }, around);
      return;
    }
    const loop = insideLoop(checked, source);
    if (loop !== null) {
      const message =
        pointer === body?.while
          ? `'while' is asked before an iteration: it reads what the one before resulted in as item, not '${source}'`
          : `Step '${step.id}' reads '${source}', which is inside the loop '${loop}'; the results of its iterations are steps.${loop}.output`;
      reportStep(errors, step, at, pointer, 'inside_loop', message);
      return;
    }
    const hyphened = nameWithBackticks(checked, source, textAt(step, pointer));
    const [code, message] =
      hyphened === null
        ? ['unknown_reference', `Step '${step.id}' reads '${source}' which doesn't exist`]
        : ['needs_backticks', `The id '${hyphened}' needs backticks in an expression: steps.\`${hyphened}\``];
    reportStep(errors, step, at, pointer, code as string, message as string);
    return;
  }
  const field = reference.path[0];
  if (field !== undefined && !STEP_FIELDS.includes(field)) {
    const message = `A step has output, error, status and branch; did you mean steps.${source}.output.${field}?`;
    reportStep(warnings, step, at, pointer, 'unknown_step_field', message);
  }
  if (!sound || (source === step.id && pointer.startsWith('/undo/'))) return;
  if (reference.late) return;
  if (!upstreamOf(checked.definition).has(step.id, source)) {
    const why = source === step.id ? 'can not read itself' : `reads '${source}', which is not upstream of it`;
    reportStep(errors, step, at, pointer, 'reference_not_upstream', `Step '${step.id}' ${why}`);
  } else if (isCondition && step.context_from !== undefined && !step.context_from.includes(source)) {
    const message = `The conditions of '${step.id}' see ${step.context_from.map((id) => `'${id}'`).join(', ')} only ('context_from'), not '${source}'`;
    reportStep(errors, step, at, pointer, 'reference_not_in_context', message);
  } else if ((field === undefined || field === 'output') && !certainUpstream(checked.definition).has(step.id, source)) {
    const message = `Step '${step.id}' reads the output of '${source}', which may be skipped or have failed; there is no value then`;
    reportStep(warnings, step, at, pointer, 'reference_may_be_skipped', message);
  }
}

/** `item`, `index` and `outer` have a value inside of loops alone; a loop's own conditions are inside. */
function checkIteration(
  checked: Checked,
  step: Step,
  at: number,
  { root, pointer }: { readonly root: string; readonly pointer: string },
): void {
  if (root !== 'item' && root !== 'index' && root !== 'outer') return;
  const body = bodyOf(step, checked.catalog);
  const own = body !== null && (pointer === body.while || pointer === body.breakWhen) ? 1 : 0;
  let depth = own;
  for (let around = checked.outer; around !== null; around = around.checked.outer) depth++;
  if (depth >= (root === 'outer' ? 2 : 1)) return;
  const where = root === 'outer' ? 'in a loop within a loop' : 'inside a loop';
  reportStep(checked.warnings, step, at, pointer, 'not_in_loop', `'${root}' has a value ${where} only`);
}

/** A step of a body reads one outside: it must be before the loop. */
function checkOutside(
  { errors, warnings }: Checked,
  step: Step,
  at: number,
  { step: source, pointer, path }: Reference & { readonly pointer: string; readonly step: string },
  around: { readonly checked: Checked; readonly loop: Step },
): void {
  const { definition } = around.checked;
  const isCondition = pointer === '/run_when' || pointer === '/skip_when';
  if (!upstreamOf(definition).has(around.loop.id, source)) {
    const why = source === around.loop.id ? 'the loop it is in' : `which is not upstream of its loop '${around.loop.id}'`;
    reportStep(errors, step, at, pointer, 'reference_not_upstream', `Step '${step.id}' reads '${source}', ${why}`);
  } else if (isCondition && step.context_from !== undefined) {
    const message = `The conditions of '${step.id}' see the steps in 'context_from' only, not '${source}'`;
    reportStep(errors, step, at, pointer, 'reference_not_in_context', message);
  } else if ((path[0] === undefined || path[0] === 'output') && !certainUpstream(definition).has(around.loop.id, source)) {
    const message = `Step '${step.id}' reads the output of '${source}', which may be skipped or have failed; there is no value then`;
    reportStep(warnings, step, at, pointer, 'reference_may_be_skipped', message);
  }
}

/** The id that an author meant by `steps.fetch-users`, which JSONata reads as `steps.fetch` minus `users`. */
function nameWithBackticks({ definition, errors }: Checked, read: string, text: string): string | null {
  // A look at every step for every unknown name: not beyond the problems that will be shown.
  if (errors.hidden > 0) return null;
  const found = definition.steps.find(
    (step) => step.id.startsWith(read) && /[-.:]/.test(step.id.charAt(read.length)) && text.includes(`steps.${step.id}`),
  );
  return found?.id ?? null;
}

function textAt(step: Step, pointer: string): string {
  let value: unknown = step;
  for (const token of pointer.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return typeof value === 'string' ? value : '';
}
