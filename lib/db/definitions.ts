import { createHash } from 'node:crypto';
import { canonicalText } from '#lib/workflow/canonical.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { compileGraph, type Graph } from '#lib/workflow/graph.ts';
import { readDefinition } from '#lib/workflow/read-definition.ts';
import type { StepCatalog } from '#lib/workflow/step-type.ts';
import { database } from './client.ts';
import type { Prisma } from './generated/client.ts';

/** Definitions never change under their hash, so a process keeps the ones it used last. */
const CACHE_SIZE = 500;
const registry = globalThis as typeof globalThis & { weftlineDefinitions?: Map<string, Cached> };

interface Cached {
  readonly definition: Promise<Definition>;
  graph: { readonly catalog: StepCatalog; readonly graph: Promise<Graph>; loaded: Graph | null } | null;
}

/** SHA-256 (64 hex digits) of the canonical text: equal definitions have equal hashes, whatever the order of their keys (save of the fields of a form). */
export function definitionHash(definition: Definition): string {
  return createHash('sha256').update(canonicalText(definition)).digest('hex');
}

/** Keeps a definition, once for each hash. Answers the hash. */
export async function storeDefinition(client: Prisma.TransactionClient, definition: Definition): Promise<string> {
  const document = canonicalText(definition);
  const hash = createHash('sha256').update(document).digest('hex');
  // Touching an old one keeps the sweep away from it until the version or run that names it is written.
  await client.$executeRaw`insert into definition (hash, document) values (${hash}, ${document}::json)
    on conflict (hash) do update set created_at = now() where definition.created_at < now() - interval '1 hour'`;
  return hash;
}

/** The definition of a hash. Throws where it isn't stored or can no longer be read. */
export function loadDefinition(hash: string): Promise<Definition> {
  return cached(hash).definition;
}

/** The compiled definition of a hash, shared by all runs of it: never change it. */
export function loadGraph(hash: string, catalog: StepCatalog): Promise<Graph> {
  const entry = cached(hash);
  if (entry.graph?.catalog !== catalog) {
    const made = { catalog, graph: entry.definition.then((definition) => compileGraph(definition, catalog)), loaded: null as Graph | null };
    made.graph.then(
      (graph) => {
        made.loaded = graph;
      },
      () => {},
    );
    entry.graph = made;
  }
  return entry.graph.graph;
}

/** The graph of a hash if it is in memory, else null: without a turn of the event loop for each of thousands of runs. */
export function loadedGraph(hash: string, catalog: StepCatalog): Graph | null {
  const graph = registry.weftlineDefinitions?.get(hash)?.graph;
  return graph?.catalog === catalog ? graph.loaded : null;
}

function cached(hash: string): Cached {
  registry.weftlineDefinitions ??= new Map();
  const cache = registry.weftlineDefinitions;
  const known = cache.get(hash);
  if (known) {
    cache.delete(hash);
    cache.set(hash, known);
    return known;
  }
  const definition = readStored(hash);
  definition.catch(() => cache.delete(hash));
  const entry: Cached = { definition, graph: null };
  cache.set(hash, entry);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value ?? '');
  return entry;
}

async function readStored(hash: string): Promise<Definition> {
  const row = await database().definition.findUnique({ where: { hash }, select: { document: true } });
  if (row === null) throw new Error(`There is no definition ${hash}`);
  return readDefinition(row.document);
}
