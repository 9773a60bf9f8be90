import type { JsonObject } from '#lib/base/json.ts';
import { stepBranches } from './check-edges.ts';
import { closestWord } from './closest-word.ts';
import type { Step } from './definition.ts';
import { type Checked, report, reportStep } from './findings.ts';
import { schemaProblems } from './schema-problems.ts';
import { stepType } from './step-type.ts';

/** Types that exist, configs that their types accept, and waits that may last forever. */
export function checkConfigs(checked: Checked): void {
  checked.definition.steps.forEach((step, at) => {
    if (step.type !== '') checkConfig(checked, step, at, step.type, step.config ?? {}, '');
    if (step.undo !== undefined) checkConfig(checked, step, at, step.undo.type, step.undo.config ?? {}, '/undo');
    checkWait(checked, step, at);
  });
}

function checkConfig({ catalog, errors }: Checked, step: Step, at: number, typeName: string, config: JsonObject, place: string): void {
  const type = stepType(catalog, typeName);
  if (type === undefined) {
    const meant = closestWord(typeName, Object.keys(catalog));
    const message = `There is no step type '${typeName}'${meant === null ? '' : `; did you mean '${meant}'?`}`;
    reportStep(errors, step, at, `${place}/type`, 'unknown_type', message);
    return;
  }
  const parsed = type.config.drawn.safeParse(config);
  if (parsed.success) return;
  const keys = shapeKeys(type.config.drawn);
  const problems = schemaProblems(parsed.error, config, `/steps/${at}${place}/config`, (path) => (path.length === 0 ? keys : []));
  for (const problem of problems) report(errors, { step: step.id, ...problem });
}

function shapeKeys(schema: unknown): readonly string[] {
  const shape = (schema as { readonly shape?: object }).shape;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

/** A step that can end by `timeout` and has no default limit waits forever when nobody sets one. */
function checkWait({ catalog, warnings }: Checked, step: Step, at: number): void {
  const type = stepType(catalog, step.type);
  if (type === undefined || type.defaultTimeout !== null || step.timeout !== undefined || step.config?.timeout !== undefined) return;
  if (!stepBranches(step, catalog)?.includes('timeout')) return;
  reportStep(warnings, step, at, '/timeout', 'no_timeout', `Step '${step.id}' has no timeout and may wait forever`);
}
