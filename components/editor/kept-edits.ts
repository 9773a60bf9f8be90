import type { Unsaved } from './autosave.ts';

/**
 * Edits that the server does not have yet, in the browser's database: they survive a reload, a crashed tab and a lost
 * connection. One record for each open editor (two tabs must not overwrite one another), found again by person and
 * workflow. What is saved is not kept.
 */
export interface KeptEdits extends Unsaved {
  readonly key: string;
  /** When the last of them was made, in milliseconds. */
  readonly at: number;
}

const DATABASE = 'weftline';
const STORE = 'unsaved';
/** A record is written at most so often, and once more for what came meanwhile. */
const PAUSE_MS = 200;

/** The newest kept edits of a person in a workflow; null for none, and where the browser keeps nothing. */
export async function findKept(userId: string, workflowId: string): Promise<KeptEdits | null> {
  const prefix = `${userId} ${workflowId} `;
  const all = await inStore<KeptEdits[]>('readonly', (store) => store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  return (all ?? []).reduce<KeptEdits | null>((newest, one) => (newest !== null && newest.at > one.at ? newest : one), null);
}

export async function forgetKept(key: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(key));
}

export interface EditKeeper {
  /** Null: everything is saved. */
  readonly keep: (unsaved: Unsaved | null) => void;
  /** Writes at once what still waits, because the page may go. */
  readonly flush: () => void;
}

/** Keeps the edits of one open editor. */
export function keepEdits(userId: string, workflowId: string): EditKeeper {
  const key = `${userId} ${workflowId} ${Math.random().toString(36).slice(2)}`;
  let waiting: Unsaved | null | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isKept = false;

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    const unsaved = waiting;
    waiting = undefined;
    if (unsaved === undefined || (unsaved === null && !isKept)) return;
    isKept = unsaved !== null;
    if (unsaved === null) void forgetKept(key);
    else void inStore('readwrite', (store) => store.put({ ...unsaved, key, at: Date.now() } satisfies KeptEdits));
  }

  return {
    keep(unsaved) {
      waiting = unsaved;
      timer ??= setTimeout(write, PAUSE_MS);
    },
    flush: write,
  };
}

/** A browser that keeps nothing (private windows of some) must not stop the editor: then the answer is null. */
async function inStore<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<T | null> {
  try {
    const database = await opened();
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result as T);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } catch {
    return null;
  }
}

let opening: Promise<IDBDatabase> | null = null;

function opened(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((cause: unknown) => {
    opening = null;
    throw cause;
  });
  return opening;
}
