import { isJsonObject, type Json } from '#lib/base/json.ts';
import type { Answer } from './answer.ts';
import type { HttpRequestConfig } from './definition.ts';
import { buildUrl } from './request.ts';

export type Paging = NonNullable<HttpRequestConfig['paging']>;

/** Pages that are read where the config says nothing. */
export const DEFAULT_MAX_PAGES = 100;

/** A page that does not look as the config says. */
export class PagingError extends Error {
  override readonly name = 'PagingError';
}

/** Address of the first page. */
export function firstPage(config: HttpRequestConfig, paging: Paging): string {
  return paging.mode === 'page' ? buildUrl(config, { [paging.parameter ?? 'page']: String(paging.start ?? 1) }) : buildUrl(config);
}

/** The items of one page. Throws PagingError where there is no list. */
export function itemsOf(answer: Answer, paging: Paging): readonly Json[] {
  const items = at(answer.body, paging.items);
  if (Array.isArray(items)) return items;
  const place = paging.items === undefined || paging.items === '' ? 'The answer' : `'${paging.items}' in the answer`;
  throw new PagingError(`${place} is not a list`);
}

/** Address of the page after this one, or null at the end. `number` counts the pages read, from 1. */
export function nextPage(config: HttpRequestConfig, paging: Paging, answer: Answer, current: string, number: number): string | null {
  if (paging.mode === 'page') {
    const more = paging.next === undefined ? itemsOf(answer, paging).length > 0 : isSomething(at(answer.body, paging.next));
    return more ? buildUrl(config, { [paging.parameter ?? 'page']: String((paging.start ?? 1) + number) }) : null;
  }
  if (paging.mode === 'cursor') {
    const cursor = at(answer.body, paging.next ?? 'next_cursor');
    if (!isSomething(cursor)) return null;
    return buildUrl(config, { [paging.parameter ?? 'cursor']: typeof cursor === 'string' ? cursor : JSON.stringify(cursor) });
  }
  const link = paging.next === undefined ? (linkHeader(answer) ?? at(answer.body, 'next')) : at(answer.body, paging.next);
  return typeof link === 'string' && link !== '' ? sameOrigin(link, current) : null;
}

/** A link is followed on the same origin only: the request's headers may hold credentials. */
function sameOrigin(link: string, current: string): string {
  const base = new URL(current);
  const url = URL.parse(link, current);
  if (url === null) throw new PagingError(`The next link is not an address: ${link.slice(0, 200)}`);
  if (url.origin !== base.origin) throw new PagingError(`The next link leads to another origin, ${url.origin}; it is not followed`);
  return url.href;
}

function linkHeader(answer: Answer): string | null {
  const header = answer.headers.link;
  if (typeof header !== 'string') return null;
  for (const [, address, attributes] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?[^";]*\bnext\b/i.test(attributes ?? '')) return address ?? null;
  }
  return null;
}

function isSomething(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false;
}

/** The value at a path of names such as `data.items`; the whole value for an empty path. */
function at(value: Json, path: string | undefined): Json | undefined {
  if (path === undefined || path === '') return value;
  let current: Json | undefined = value;
  for (const name of path.split('.')) {
    if (Array.isArray(current)) current = current[Number(name)];
    else current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  }
  return current;
}
