import { uuidFromId } from '#lib/base/ids.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { eventsAfter, type JournalRow } from '#lib/engine/journal-row.ts';
import { Batcher } from './batcher.ts';
import { pool } from './client.ts';

/**
 * The reads of those who follow runs live. Hints come to hundreds of streams in the same millisecond, and a statement for each
 * costs more than what it brings (500 streams of one run: 32 ms for an event, nine tenths of it statements). So what is asked
 * for while a statement is under way goes with the next, and what several ask for is read once and given to all of them.
 */

/** Rows of one run in a shared read; a run with more to tell is read by itself. */
const MOST_ROWS = 40;
/** Runs of one statement. */
const MOST_RUNS = 250;

const READ = `select w.place::int as place, e.seq, e.type, e.step, e.attempt, (extract(epoch from e.at) * 1000)::float8 as at, e.data
  from unnest($1::uuid[], $2::int[]) with ordinality as w(run_id, after, place)
  cross join lateral (
    select seq, type, step, attempt, at, data from run_event where run_id = w.run_id and seq > w.after order by seq limit ${MOST_ROWS}
  ) as e order by w.place, e.seq`;

interface Ask {
  readonly uuid: string;
  readonly after: number;
}

/** Null: there is more than a shared read brings. */
type News = readonly RunEvent[] | null;

const registry = globalThis as typeof globalThis & { weftlineNews?: Batcher<Ask, News> };

/**
 * The events of a run after number `afterSeq`, in order; none where there are none at the moment. Null where they are many or
 * hold large values: read them with `readEvents`. Readers of the same place get the same array, so what is made of it can be
 * shared too.
 */
export function readNewEvents(runId: string, afterSeq: number): Promise<News> {
  const uuid = uuidFromId('run', runId);
  if (uuid === null) return Promise.resolve([]);
  registry.weftlineNews ??= new Batcher(readNews, MOST_RUNS);
  return registry.weftlineNews.add({ uuid, after: afterSeq });
}

async function readNews(asks: readonly Ask[]): Promise<News[]> {
  const places = new Map<string, number>();
  const distinct: Ask[] = [];
  const placeOf = asks.map((ask) => {
    const key = `${ask.uuid}:${ask.after}`;
    const known = places.get(key) ?? distinct.push(ask) - 1;
    places.set(key, known);
    return known;
  });
  const values = [distinct.map((ask) => ask.uuid), distinct.map((ask) => ask.after)];
  const { rows } = await pool().query<JournalRow & { place: number }>({ name: 'read_news', text: READ, values });
  const found = distinct.map((): JournalRow[] => []);
  for (const { place, ...row } of rows) found[place - 1]?.push(row.data === null ? { ...row, data: {} } : row);
  const news = found.map((own, index) => newsOf(own, distinct[index]?.after ?? 0));
  return placeOf.map((place) => news[place] as News);
}

function newsOf(rows: readonly JournalRow[], after: number): News {
  if (rows.length === MOST_ROWS || rows.some((row) => row.data.blobs !== undefined)) return null;
  return eventsAfter(rows, after);
}
