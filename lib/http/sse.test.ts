import { expect, it, vi } from 'vitest';
import type { RunEvent } from '#lib/engine/events.ts';
import { eventStream } from '#lib/http/sse.ts';

const event = (seq: number): RunEvent => ({ type: 'step_cancelled', seq, at: seq, step: 's' });

it('checklist #129: frames each event with its number and name, then closes with its source', async () => {
  async function* source() {
    yield [event(1), event(2)];
    yield [
      { type: 'run_completed', seq: 3, at: 3, status: 'completed', output: null, error: null, duration_seconds: 0 } satisfies RunEvent,
    ];
  }
  const text = await new Response(eventStream('run_1', source(), new AbortController().signal)).text();
  const frames = text.split('\n\n').filter((part) => part.startsWith('id:'));
  expect(frames.map((part) => part.split('\n').slice(0, 2))).toEqual([
    ['id: 1', 'event: step_cancelled'],
    ['id: 2', 'event: step_cancelled'],
    ['id: 3', 'event: run_completed'],
  ]);
  expect(JSON.parse(frames[0]?.split('data: ')[1] ?? '')).toMatchObject({ run_id: 'run_1', step_id: 's' });
});

it('lets the source go when the reader leaves', async () => {
  let released = false;
  async function* source() {
    try {
      for (let seq = 1; ; seq += 1) yield [event(seq)];
    } finally {
      released = true;
    }
  }
  const reader = eventStream('run_1', source(), new AbortController().signal).getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  expect(released).toBe(true);
});

it('asks for no more than a slow reader has taken', async () => {
  let produced = 0;
  async function* source() {
    for (let seq = 1; ; seq += 1) {
      produced += 1;
      yield [event(seq)];
    }
  }
  const reader = eventStream('run_1', source(), new AbortController().signal).getReader();
  await reader.read();
  await reader.read();
  expect(produced).toBeLessThan(5);
  await reader.cancel();
});

it('cuts the reader off when its source fails, and leaves nothing running', async () => {
  vi.useFakeTimers();
  try {
    async function* source() {
      yield [event(1)];
      throw new Error('the database is away');
    }
    const left = new AbortController();
    const reader = eventStream('run_1', source(), left.signal).getReader();
    await reader.read();
    await reader.read();
    await expect(reader.read()).rejects.toThrow('the database is away');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('checklist #137: says now and then that it is still there', async () => {
  vi.useFakeTimers();
  try {
    async function* source(): AsyncGenerator<RunEvent[]> {
      await new Promise(() => {});
      yield [];
    }
    const reader = eventStream('run_1', source(), new AbortController().signal).getReader();
    const text = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await text()).toBe(': open\n\n');
    const next = text();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await next).toBe(': still here\n\n');
    void reader.cancel();
  } finally {
    vi.useRealTimers();
  }
});

const at = { at: 1000 };
const on = { ...at, step: 's', attempt: 1 };
const error = { code: 'X', message: 'no' };
const EVERY_NAME: Omit<RunEvent, 'seq'>[] = [
  { ...at, type: 'run_queued', trigger: 'api', version: 1 },
  { ...at, type: 'run_started' },
  { ...on, type: 'step_started', execution: 1 },
  { ...on, type: 'step_log', lines: ['a'] },
  { ...on, type: 'step_progress', progress: 0.5 },
  { ...on, type: 'step_emitted', name: 'n', data: 1 },
  { ...on, type: 'step_retrying', error, started_at: 1000, retry_at: 2000 },
  { ...on, type: 'step_waiting', kind: 'timer', wake_at: 2000 },
  { ...on, type: 'step_completed', output: { a: 1 }, started_at: 1000 },
  { ...on, type: 'step_failed', error, started_at: 1000 },
  { ...at, type: 'step_skipped', step: 's', reason: 'upstream' },
  { ...at, type: 'step_cancelled', step: 's' },
  { ...at, type: 'run_paused', reason: 'request' },
  { ...at, type: 'run_resumed' },
  { ...at, type: 'run_rolling_back' },
  { ...on, type: 'step_undone' },
  { ...at, type: 'run_reopened', kind: 'restart', from_step: null, reset: [] },
  { ...at, type: 'run_completed', status: 'cancelled', output: null, error: null, duration_seconds: 1.5 },
] as never;

it('checklist #130, #131: every kind of event goes out under its own name, with its time and its facts', async () => {
  async function* source() {
    yield EVERY_NAME.map((one, index) => ({ ...one, seq: index + 1 }) as RunEvent);
  }
  const text = await new Response(eventStream('run_1', source(), new AbortController().signal)).text();
  const frames = [...text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)\n$/gm)].map(([, id, name, data]) => [
    Number(id),
    name,
    JSON.parse(data ?? ''),
  ]);
  expect(frames.map(([id, name]) => [id, name])).toEqual(EVERY_NAME.map((one, index) => [index + 1, one.type]));
  for (const [id, name, data] of frames)
    expect(data).toMatchObject({ seq: id, type: name, run_id: 'run_1', timestamp: '1970-01-01T00:00:01.000Z' });
  expect(frames[8]?.[2]).toMatchObject({ step_id: 's', output: { a: 1 }, duration_seconds: 0 });
  expect(frames.at(-1)?.[2]).toMatchObject({ status: 'cancelled', duration_seconds: 1.5 });
});
