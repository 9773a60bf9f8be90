import { randomUUID } from 'node:crypto';
import { createLog } from '#lib/base/log.ts';
import { pool } from './client.ts';
import { DRAFT_CHANNEL, listen } from './notify.ts';

/**
 * Who has which draft open, in all web processes, without a table: each open editor says so over LISTEN/NOTIFY when it
 * comes, every 15 seconds, and when it leaves. Who comes asks the others to say it again. One that has not been heard of
 * for three turns (its process was killed) is taken to be gone. A lost message costs a name for some seconds, nothing more.
 */
const SAY_AGAIN_MS = 15_000;
const GONE_MS = 3 * SAY_AGAIN_MS;
const log = createLog({ part: 'draft' });

interface Person {
  readonly connection: string;
  /** Id of the person or key. */
  readonly user: string;
  readonly name: string;
}

interface Said extends Person {
  readonly workflow: string;
  readonly kind: 'came' | 'here' | 'left';
}

export interface DraftWatch {
  /** The other open editors of this draft, longest there first. */
  readonly others: () => readonly Person[];
  readonly close: () => void;
}

/** Calls `onHint` when the draft may have changed, or who has it open. Being here is told to the others until `close`. */
export function watchDraft(workflowUuid: string, who: Pick<Person, 'user' | 'name'>, onHint: () => void): DraftWatch {
  const me: Person = { ...who, connection: randomUUID() };
  const others = new Map<string, { readonly person: Person; seen: number }>();
  const sayIn = (kind: Said['kind']) => void say({ ...me, workflow: workflowUuid, kind });
  const unlisten = listen(DRAFT_CHANNEL, (payload) => {
    if (payload === null) {
      // The connection was away: those who are here still say so to one another.
      sayIn('came');
      onHint();
      return;
    }
    if (payload === workflowUuid) {
      onHint();
      return;
    }
    const said = readSaid(payload);
    if (said === null || said.workflow !== workflowUuid || said.connection === me.connection) return;
    const known = others.get(said.connection);
    if (said.kind === 'left') others.delete(said.connection);
    else if (known !== undefined) known.seen = Date.now();
    else others.set(said.connection, { person: said, seen: Date.now() });
    if (said.kind === 'came') sayIn('here');
    if (said.kind === 'left' ? known !== undefined : known === undefined) onHint();
  });
  sayIn('came');
  const timer = setInterval(() => {
    sayIn('here');
    for (const [id, { seen }] of others) if (Date.now() - seen > GONE_MS) others.delete(id);
  }, SAY_AGAIN_MS);
  timer.unref();
  return {
    others: () => [...others.values()].map(({ person }) => person),
    close() {
      clearInterval(timer);
      unlisten();
      sayIn('left');
    },
  };
}

/** A message holds less than 8,000 bytes; names are cut long before. */
const MAX_NAME = 200;

async function say(said: Said): Promise<void> {
  try {
    const text = JSON.stringify({ ...said, name: said.name.slice(0, MAX_NAME) });
    await pool().query({ name: 'say', text: 'select pg_notify($1, $2)', values: [DRAFT_CHANNEL, text] });
  } catch (error) {
    log.debug('A word of who is here was lost', { error });
  }
}

function readSaid(payload: string): Said | null {
  return payload.startsWith('{') ? (JSON.parse(payload) as Said) : null;
}
