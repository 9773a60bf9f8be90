import { HttpConnection } from './http-connection.ts';

/** Where and as whom a client calls. */
export interface Target {
  readonly port: number;
  readonly key: string;
}

/** `total` POSTs over `connections` connections, each of which sends its next request when the one before is answered. */
export interface FloodTask extends Target {
  readonly kind: 'flood';
  readonly path: string;
  readonly body: string;
  readonly connections: number;
  readonly total: number;
}

export interface Flooded {
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly millis: number;
  /** Answers that were 2xx; any other one is an error. */
  readonly accepted: number;
}

export async function flood({ port, key, path, body, connections, total }: FloodTask): Promise<Flooded> {
  const open = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port, key)));
  let left = total;
  let accepted = 0;
  const began = Date.now();
  const clock = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      while (left-- > 0) {
        const { status, text } = await connection.request('POST', path, body);
        if (status < 200 || status > 299) throw new Error(`POST ${path} answered ${status}: ${text}`);
        accepted += 1;
      }
    }),
  );
  const millis = performance.now() - clock;
  for (const connection of open) connection.close();
  return { began, millis, accepted };
}

/** Runs started and followed to their end one after another. */
export interface OneByOneTask extends Target {
  readonly kind: 'one_by_one';
  readonly workflowId: string;
  readonly count: number;
}

/** Milliseconds from the moment of sending, of each run. */
export interface OneByOne {
  readonly accepted: number[];
  readonly first: number[];
  readonly finished: number[];
}

/** The first ones warm up the processes and are not among the times. */
export const ONE_BY_ONE_WARM_UP = 200;

export async function oneByOne({ port, key, workflowId, count }: OneByOneTask): Promise<OneByOne> {
  const connection = await HttpConnection.open(port, key);
  const times: OneByOne = { accepted: [], first: [], finished: [] };
  for (let round = -ONE_BY_ONE_WARM_UP; round < count; round++) {
    const at = Date.now();
    const clock = performance.now();
    const { status, text } = await connection.request('POST', `/api/workflows/${workflowId}/run`, '{"input_data":{}}');
    if (status !== 202) throw new Error(`A start was answered with ${status}: ${text}`);
    const accepted = performance.now() - clock;
    const { run_id: run } = JSON.parse(text) as { run_id: string };
    let story = '';
    let finished = 0;
    await connection.request('GET', `/api/workflows/runs/${run}/stream`, null, (part) => {
      story += part.toString();
      if (finished === 0 && story.includes('event: run_completed')) finished = performance.now() - clock;
    });
    if (finished === 0 || !story.includes('"status":"completed"')) throw new Error(`The stream of ${run} told no good end`);
    if (round < 0) continue;
    times.accepted.push(accepted);
    times.first.push(firstStart(story) - at);
    times.finished.push(finished);
  }
  connection.close();
  return times;
}

function firstStart(story: string): number {
  const data = /^event: step_started\ndata: (.*)$/m.exec(story)?.[1] ?? '';
  return Date.parse((JSON.parse(data) as { timestamp: string }).timestamp);
}

/** The same GET again and again. */
export interface RepeatTask extends Target {
  readonly kind: 'repeat';
  readonly paths: readonly string[];
  readonly count: number;
}

/** Milliseconds of each, and the last body's length. */
export async function repeat({ port, key, paths, count }: RepeatTask): Promise<{ times: number[]; bytes: number; last: string }> {
  const connection = await HttpConnection.open(port, key);
  const times: number[] = [];
  let last = '';
  for (let round = -Math.min(5, count); round < count; round++) {
    const path = paths[Math.abs(round) % paths.length] ?? '';
    const clock = performance.now();
    const { status, text } = await connection.request('GET', path);
    if (round >= 0) times.push(performance.now() - clock);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${text.slice(0, 300)}`);
    last = text;
  }
  connection.close();
  return { times, bytes: last.length, last: last.slice(0, 2000) };
}
