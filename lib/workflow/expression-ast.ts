import jsonata from 'jsonata';

/** What the parser of JSONata hands over, as far as it is read here. */
export interface AstNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly AstNode[];
  readonly stages?: readonly AstStage[];
  readonly predicate?: readonly AstStage[];
  readonly group?: { readonly lhs: readonly (readonly [AstNode, AstNode])[] };
  readonly expressions?: readonly AstNode[];
  readonly expression?: AstNode;
  readonly arguments?: readonly AstNode[];
  readonly procedure?: AstNode;
  readonly body?: AstNode;
  readonly condition?: AstNode;
  readonly then?: AstNode;
  readonly else?: AstNode;
  readonly pattern?: AstNode;
  readonly update?: AstNode;
  readonly delete?: AstNode;
  readonly terms?: readonly { readonly expression: AstNode }[];
  readonly lhs?: AstNode | readonly (readonly [AstNode, AstNode])[];
  readonly rhs?: AstNode;
  readonly keepArray?: boolean;
  readonly keepSingletonArray?: boolean;
  readonly consarray?: boolean;
  readonly tuple?: boolean;
  readonly focus?: string;
  readonly index?: string;
}

export interface AstStage {
  readonly type: string;
  readonly expr?: AstNode;
  readonly value?: unknown;
}

/** The tree of an expression in pure JSONata. Throws what the parser throws; RangeError when it nests too deep. */
export function parseExpression(text: string): AstNode {
  return jsonata(text).ast() as unknown as AstNode;
}

/** The pairs of an object constructor, `[]` for another node. */
export function pairsOf(node: AstNode): readonly (readonly [AstNode, AstNode])[] {
  return Array.isArray(node.lhs) ? (node.lhs as readonly (readonly [AstNode, AstNode])[]) : [];
}

/** The left side of a binary node. */
export function leftOf(node: AstNode): AstNode | undefined {
  return Array.isArray(node.lhs) ? undefined : (node.lhs as AstNode | undefined);
}

/** Every node below and including this one. */
export function* walkAst(node: AstNode): Generator<AstNode> {
  yield node;
  const stages = [...(node.stages ?? []), ...(node.predicate ?? [])].flatMap((stage) => stage.expr ?? []);
  for (const child of [...stages, ...(node.group?.lhs.flat() ?? []), ...operandsOf(node)]) yield* walkAst(child);
}

/** The nodes that a node works on itself: all below it but its predicates and its grouping. */
export function operandsOf(node: AstNode): AstNode[] {
  const single = [
    node.expression,
    node.procedure,
    node.body,
    node.condition,
    node.then,
    node.else,
    node.pattern,
    node.update,
    node.delete,
    leftOf(node),
    node.rhs,
  ];
  return [
    ...(node.steps ?? []),
    ...(node.expressions ?? []),
    ...(node.arguments ?? []),
    ...single.filter((child) => child !== undefined),
    ...pairsOf(node).flat(),
    ...(node.terms ?? []).map((term) => term.expression),
  ];
}
