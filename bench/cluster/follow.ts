import { setTimeout as sleep } from 'node:timers/promises';
import { authorization, type Node, WEB_PORT } from './installation.ts';

/** One reader of a run's events that changes to the other web process again and again, with nothing but the last id it has. */
export interface Followed {
  readonly runId: string;
  /** Every id in the order in which it came. */
  readonly ids: number[];
  /** Connections that it took. */
  connections: number;
  /** Milliseconds between a step's end and the event's arrival, of steps that ended while it was connected. */
  readonly delays: number[];
}

/**
 * Follows a run to its end. `stay`: milliseconds after which it leaves for the other web process; a connection that breaks
 * makes it leave at once.
 */
export async function follow(webs: readonly Node[], first: number, runId: string, stay: () => number, millis: number): Promise<Followed> {
  const followed: Followed = { runId, ids: [], connections: 0, delays: [] };
  const until = Date.now() + millis;
  for (let web = first; Date.now() < until; web++) {
    const ended = await read(webs[web % webs.length] as Node, followed, stay()).catch(() => false);
    if (ended) return followed;
    await sleep(30);
  }
  return followed;
}

/** Reads one connection. True: the run has ended. */
async function read({ machine }: Node, followed: Followed, stay: number): Promise<boolean> {
  const leave = AbortSignal.timeout(Math.round(stay));
  const last = followed.ids.at(-1);
  const response = await fetch(`http://${machine.front}:${WEB_PORT}/api/workflows/runs/${followed.runId}/stream`, {
    headers: { ...authorization(), accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': String(last) }) },
    signal: leave,
  });
  followed.connections++;
  if (response.status === 204) return true;
  if (response.status !== 200 || response.body === null) return false;
  const connectedAt = Date.now();
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const id = /^id: (\d+)$/m.exec(frame)?.[1];
      if (id === undefined) continue;
      followed.ids.push(Number(id));
      const at = Date.parse(/"timestamp":"([^"]+)"/.exec(frame)?.[1] ?? '');
      if (at > connectedAt && /^event: step_completed$/m.test(frame)) followed.delays.push(Date.now() - at);
      if (/^event: run_completed$/m.test(frame)) return true;
    }
  }
  return false;
}
