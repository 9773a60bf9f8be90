import { addressOf } from '#lib/client/request.ts';
import { followDraft as contract, DraftEvents } from '#lib/contracts/workflows.ts';

/** Milliseconds until a stream that was refused is asked for again. */
const RETRY_MS = 3_000;

export type Person = DraftEvents['people'][number];

interface DraftListeners {
  readonly onDraft: (draft: DraftEvents['draft']) => void;
  readonly onPeople: (people: readonly Person[]) => void;
  readonly onGone: () => void;
  /** The line stands, or it is lost and is being asked for again. */
  readonly onLine: (open: boolean) => void;
}

/** Follows a draft until the answer is called: changes by anybody, and who else has it open. */
export function followDraft(workflowId: string, listeners: DraftListeners): () => void {
  let retry: ReturnType<typeof setTimeout> | undefined;
  let source = open();

  function open(): EventSource {
    const made = new EventSource(addressOf(contract, { params: { id: workflowId } }));
    const on = <K extends keyof DraftEvents>(name: K, take: (data: DraftEvents[K]) => void) =>
      made.addEventListener(name, (message: MessageEvent<string>) =>
        take(DraftEvents.shape[name].parse(JSON.parse(message.data)) as DraftEvents[K]),
      );
    on('draft', listeners.onDraft);
    on('people', listeners.onPeople);
    on('gone', () => {
      made.close();
      listeners.onGone();
    });
    made.onopen = () => listeners.onLine(true);
    made.onerror = () => {
      listeners.onLine(false);
      listeners.onPeople([]);
      // The browser tries again by itself, except where something in between answered with an error.
      if (made.readyState === EventSource.CLOSED) again(RETRY_MS);
    };
    return made;
  }

  function again(millis: number): void {
    clearTimeout(retry);
    retry = setTimeout(() => {
      source.close();
      source = open();
    }, millis);
  }

  const backOnline = () => again(0);
  window.addEventListener('online', backOnline);
  return () => {
    window.removeEventListener('online', backOnline);
    clearTimeout(retry);
    source.close();
  };
}
