import { isJsonObject, type JsonObject } from '#lib/base/json.ts';

/** A node of an n8n workflow, as far as it can be read. */
export interface N8nNode {
  readonly name: string;
  readonly type: string;
  /** The type without the name of its package: `httpRequest`. */
  readonly kind: string;
  readonly version: number;
  readonly parameters: JsonObject;
  readonly position: { readonly x: number; readonly y: number };
  readonly disabled: boolean;
  readonly source: JsonObject;
}

/** One connection: from an output of a node to an input of another. */
export interface N8nEdge {
  readonly from: string;
  readonly output: number;
  readonly to: string;
  readonly input: number;
}

export interface N8nWorkflow {
  readonly name: string;
  readonly nodes: readonly N8nNode[];
  readonly edges: readonly N8nEdge[];
  /** What could not be read, in words, with the node that it concerns. */
  readonly faults: readonly { readonly node: string; readonly reason: string }[];
}

/** More nodes than this are refused: workflows that people drew there have some hundreds at most. */
export const MAX_NODES = 2000;
const MAX_EDGES = 20_000;

/** True for what n8n exports: nodes, and connections by their names. */
export function isN8nWorkflow(value: unknown): value is JsonObject {
  return isJsonObject(value) && Array.isArray(value.nodes) && isJsonObject(value.connections) && !Array.isArray(value.steps);
}

/** Reads what can be read; the rest is named in `faults`. */
export function readN8n(value: JsonObject): N8nWorkflow {
  const faults: { node: string; reason: string }[] = [];
  const nodes = new Map<string, N8nNode>();
  for (const [at, one] of list(value.nodes).entries()) {
    const node = readNode(one);
    if (node === null) faults.push({ node: `node ${at + 1}`, reason: 'It has no name or no type' });
    else if (nodes.has(node.name)) faults.push({ node: node.name, reason: 'A second node has this name; it is left out' });
    else nodes.set(node.name, node);
  }
  const edges: N8nEdge[] = [];
  for (const [from, outputs] of Object.entries(isJsonObject(value.connections) ? value.connections : {})) {
    if (!isJsonObject(outputs) || !nodes.has(from)) {
      faults.push({ node: from, reason: 'A connection leaves from a node that is not in the file' });
      continue;
    }
    for (const kind of Object.keys(outputs)) {
      if (kind !== 'main') faults.push({ node: from, reason: `It is connected as “${kind}”, which is no order of steps` });
    }
    for (const [output, targets] of list(outputs.main).entries()) {
      for (const target of list(targets)) {
        const to = isJsonObject(target) ? target.node : undefined;
        if (typeof to !== 'string' || !nodes.has(to)) {
          faults.push({ node: from, reason: `A connection leads to “${String(to).slice(0, 80)}”, which is not in the file` });
        } else if (edges.length < MAX_EDGES) {
          const input = isJsonObject(target) && typeof target.index === 'number' ? target.index : 0;
          edges.push({ from, output, to, input });
        }
      }
    }
  }
  const name = typeof value.name === 'string' && value.name.trim() !== '' ? value.name.trim().slice(0, 200) : 'Imported workflow';
  return { name, nodes: [...nodes.values()], edges, faults };
}

function readNode(value: unknown): N8nNode | null {
  if (!isJsonObject(value) || typeof value.name !== 'string' || value.name === '') return null;
  if (typeof value.type !== 'string' || value.type === '') return null;
  const [x, y] = list(value.position);
  const coordinate = (one: unknown) => (typeof one === 'number' && Number.isFinite(one) ? Math.max(-1e6, Math.min(1e6, one)) : 0);
  return {
    name: value.name.slice(0, 200),
    type: value.type.slice(0, 100),
    kind: value.type.slice(value.type.lastIndexOf('.') + 1),
    version: typeof value.typeVersion === 'number' ? value.typeVersion : 1,
    parameters: record(value.parameters),
    position: { x: coordinate(x), y: coordinate(y) },
    disabled: value.disabled === true,
    source: value,
  };
}

/** A list, or an empty one where something else stands. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An object, or an empty one where something else stands. */
export function record(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A text, or an empty one where something else stands. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What stands at a way of keys, own ones alone. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) current = isJsonObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  return current;
}
