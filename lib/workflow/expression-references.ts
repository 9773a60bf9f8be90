import { type AstNode, leftOf, operandsOf } from './expression-ast.ts';
import type { Token } from './expression-lexer.ts';

/** A part of the scope that an expression reads. Offsets are into the text that was given. */
export interface Reference {
  /** First word of the path: one of EXPRESSION_ROOTS, or a word that is none. `*` where it may read everything. */
  readonly root: string;
  /** With root `steps`: the id of the step, or null where the step is not known from the text. */
  readonly step: string | null;
  /** The names after the root (and the step) as far as they are plain: `['output', 'items']`. */
  readonly path: readonly string[];
  /** Where the plain part stands. */
  readonly start: number;
  readonly end: number;
  /** Where the step's id stands (with its backticks), or null without a step. */
  readonly stepSpan: { readonly start: number; readonly end: number } | null;
  /** It is asked while the step waits: what is not upstream may have ended by then. */
  readonly late?: boolean;
}

/** What a relative name starts from: the whole scope, `steps`, or some value that the text does not tell. */
type Context = 'scope' | 'steps' | 'value';

/** Functions that take the context where they are given no argument. */
const CONTEXT_FUNCTIONS = new Set(
  (
    'string substring substringBefore substringAfter lowercase uppercase length trim match contains replace split formatNumber formatBase ' +
    'formatInteger parseInteger number floor ceil round abs sqrt power boolean not sift keys lookup spread each base64encode base64decode ' +
    'encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis clone'
  ).split(' '),
);

/** Finds what an expression reads of its scope. `tokens` are those of the author's text, `original` maps the tree's offsets to it. */
export function findReferences(tree: AstNode, tokens: readonly Token[], original: (offset: number) => number): Reference[] {
  const tokenAtEnd = new Map(tokens.map((token) => [token.end, token]));
  const found: Reference[] = [];
  const spanOf = (node: AstNode): { start: number; end: number } => {
    const end = original(node.position ?? 0);
    return { start: tokenAtEnd.get(end)?.start ?? Math.max(0, end - String(node.value ?? '').length), end };
  };
  const everything = (node: AstNode, context: Context): void => {
    if (context === 'value') return;
    found.push({ root: context === 'steps' ? 'steps' : '*', step: null, path: [], ...spanOf(node), stepSpan: null });
  };

  function visit(node: AstNode | undefined, context: Context): void {
    if (node === undefined) return;
    for (const stage of node.predicate ?? []) visit(stage.expr, 'value');
    for (const pair of node.group?.lhs ?? []) for (const side of pair) visit(side, 'value');
    switch (node.type) {
      case 'path':
        visitPath(node.steps ?? [], context);
        break;
      case 'name':
        visitPath([node], context);
        break;
      case 'variable':
        if (node.value === '$') everything(node, 'scope');
        else if (node.value === '') everything(node, context);
        break;
      case 'wildcard':
      case 'descendant':
        everything(node, context);
        break;
      case 'parent':
        everything(node, 'scope');
        break;
      case 'function':
      case 'partial':
        visitCall(node, context, node.arguments?.length === 0);
        break;
      case 'apply':
        visit(leftOf(node), context);
        if (node.rhs?.type === 'function') visitCall(node.rhs, context, false);
        else visit(node.rhs, context);
        break;
      case 'bind':
        visit(node.rhs, context);
        break;
      case 'transform':
        for (const child of [node.pattern, node.update, node.delete]) visit(child, 'value');
        break;
      case 'lambda':
        visit(node.body, context);
        break;
      default:
        for (const child of operandsOf(node)) visit(child, context);
    }
  }

  function visitCall(node: AstNode, context: Context, takesContext: boolean): void {
    const procedure = node.procedure;
    if (procedure?.type === 'variable') {
      if (takesContext && CONTEXT_FUNCTIONS.has(String(procedure.value))) everything(procedure, context);
    } else if (!(procedure?.type === 'path' && procedure.steps?.length === 1)) {
      visit(procedure, context);
    }
    for (const argument of node.arguments ?? []) visit(argument, context);
  }

  function visitPath(steps: readonly AstNode[], context: Context): void {
    for (const step of steps) {
      for (const stage of step.stages ?? []) visit(stage.expr, 'value');
      for (const pair of step.group?.lhs ?? []) for (const side of pair) visit(side, 'value');
    }
    let at = 0;
    let from = context;
    const first = steps[0];
    if (first?.type === 'variable' && steps.length > 1 && isBare(first) && (first.value === '$' || first.value === '')) {
      if (first.value === '$') from = 'scope';
      at = 1;
    }
    const rest = (start: number, inner: Context): void => {
      for (let index = start; index < steps.length; index += 1) visitStep(steps[index], index === start ? inner : 'value');
    };
    const head = steps[at];
    if (from === 'value' || head?.type !== 'name') {
      rest(at, from);
      return;
    }

    const inSteps = from === 'steps';
    const root = inSteps ? 'steps' : String(head.value);
    if (!inSteps) at += 1;
    const plain: AstNode[] = [];
    let open = inSteps || isBare(head);
    while (open && steps[at]?.type === 'name') {
      const step = steps[at] as AstNode;
      plain.push(step);
      open = isBare(step);
      at += 1;
    }
    const names = plain.map((step) => String(step.value));
    const namesStep = root === 'steps';
    // `steps.(a.output + b.output)` reads two steps, not all of them.
    const narrowed = namesStep && plain.length === 0 && open && (steps[at]?.type === 'block' || steps[at]?.type === 'unary');
    if (!narrowed) {
      const stepName = namesStep ? plain[0] : undefined;
      found.push({
        root,
        step: namesStep ? (names[0] ?? null) : null,
        path: namesStep ? names.slice(1) : names,
        start: spanOf(head).start,
        end: spanOf(plain.at(-1) ?? head).end,
        stepSpan: stepName ? spanOf(stepName) : null,
      });
    }
    rest(at, narrowed ? 'steps' : 'value');
  }

  function visitStep(step: AstNode | undefined, context: Context): void {
    if (step?.type === 'sort') {
      for (const term of step.terms ?? []) visit(term.expression, 'value');
    } else if (step && !(step.type === 'name' && context === 'value')) {
      visit(step, context);
    }
  }

  visit(tree, 'scope');
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** True for a step without predicate, grouping, ordering or variable: what follows it is still plain. */
function isBare(step: AstNode): boolean {
  return !step.stages && !step.predicate && !step.group && !step.tuple && !step.focus && !step.index;
}
