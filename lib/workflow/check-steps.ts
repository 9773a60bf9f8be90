import { parseDuration } from '#lib/base/duration.ts';
import { isJsonObject } from '#lib/base/json.ts';
import type { Step } from './definition.ts';
import { type Checked, reportStep } from './findings.ts';
import { dependencyStep } from './graph.ts';
import { fallbackOf } from './upstream.ts';

/** Rules between the fields of a step: joins, sources, fallbacks, times. */
export function checkSteps(checked: Checked): void {
  checked.definition.steps.forEach((step, at) => {
    checkJoin(checked, step, at);
    checkSources(checked, step, at);
    checkFallback(checked, step, at);
    checkTimes(checked, step, at);
  });
}

function checkJoin({ errors, warnings }: Checked, step: Step, at: number): void {
  const count = step.depends_on?.length ?? 0;
  if (step.join === 'quorum') {
    if (step.min_success === undefined) {
      reportStep(errors, step, at, '/min_success', 'min_success_required', `Step '${step.id}' joins by quorum and must say 'min_success'`);
    } else if (step.min_success > count) {
      const message = `'min_success' is ${step.min_success}, but step '${step.id}' has ${count} ${count === 1 ? 'dependency' : 'dependencies'}`;
      reportStep(errors, step, at, '/min_success', 'min_success_range', message);
    }
  } else if (step.min_success !== undefined) {
    reportStep(errors, step, at, '/min_success', 'min_success_unused', `'min_success' is for join 'quorum' only`);
  }
  if (step.cancel_rest === true && step.join !== 'any' && step.join !== 'quorum') {
    reportStep(errors, step, at, '/cancel_rest', 'cancel_rest_unused', `'cancel_rest' is for join 'any' and 'quorum' only`);
  }
  if (step.allow_failed_deps === true && step.join !== undefined && step.join !== 'all') {
    reportStep(warnings, step, at, '/allow_failed_deps', 'allow_failed_unused', `'allow_failed_deps' has an effect on join 'all' only`);
  }
}

function checkSources({ index, errors }: Checked, step: Step, at: number): void {
  if (step.args_from === undefined && step.context_from === undefined) return;
  const dependencies = new Set((step.depends_on ?? []).map(dependencyStep));
  const fixed = isJsonObject(step.config?.args) ? step.config.args : {};
  const pointer = (name: string) => `/args_from/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  for (const [name, source] of Object.entries(step.args_from ?? {})) {
    if (!dependencies.has(source)) {
      const why = index.has(source) ? "is not one of the step's dependencies" : "doesn't exist";
      reportStep(errors, step, at, pointer(name), 'args_from_not_dependency', `Argument '${name}' comes from '${source}', which ${why}`);
    }
    if (Object.hasOwn(fixed, name)) {
      reportStep(errors, step, at, pointer(name), 'args_from_clash', `Argument '${name}' is also set in 'config.args'; only one can count`);
    }
  }
  step.context_from?.forEach((source, place) => {
    if (dependencies.has(source)) return;
    const why = index.has(source) ? "is not one of the step's dependencies" : "doesn't exist";
    reportStep(errors, step, at, `/context_from/${place}`, 'context_not_dependency', `Context comes from '${source}', which ${why}`);
  });
}

function checkFallback({ definition, index, errors }: Checked, step: Step, at: number): void {
  if (step.on_error === 'fallback' && step.fallback_step == null) {
    reportStep(errors, step, at, '/fallback_step', 'fallback_required', `Step '${step.id}' must name a 'fallback_step'`);
  }
  if (step.fallback_step == null) return;
  const fallback = definition.steps[index.get(step.fallback_step) ?? -1];
  if (step.fallback_step === step.id) {
    reportStep(errors, step, at, '/fallback_step', 'fallback_self', `Step '${step.id}' can't be its own fallback`);
  } else if (fallback === undefined) {
    const message = `Step '${step.id}' falls back on '${step.fallback_step}' which doesn't exist`;
    reportStep(errors, step, at, '/fallback_step', 'unknown_fallback', message);
  } else if (fallbackOf(step) === null) {
    const message = `'fallback_step' is used with on_error 'fallback' only, not with '${step.on_error}'`;
    reportStep(errors, step, at, '/fallback_step', 'fallback_unused', message);
  } else if ((fallback.depends_on?.length ?? 0) > 0) {
    const message = `Step '${fallback.id}' is the fallback of '${step.id}' and can't have dependencies of its own`;
    reportStep(errors, fallback, index.get(fallback.id) ?? 0, '/depends_on', 'fallback_with_dependencies', message);
  }
}

function checkTimes({ errors }: Checked, step: Step, at: number): void {
  if (step.timeout !== undefined && parseDuration(step.timeout) === 0) {
    reportStep(errors, step, at, '/timeout', 'timeout_zero', 'A timeout must be longer than 0');
  }
}
