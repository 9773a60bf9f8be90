import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/base/json.ts';
import type { PastCall, StepNews, Work } from '#lib/contracts/task-workers.ts';
import { apply } from '#lib/engine/apply.ts';
import { callsOf } from '#lib/engine/called-steps.ts';
import { advance } from '#lib/engine/decide.ts';
import type { NewRunEvent } from '#lib/engine/events.ts';
import { receive } from '#lib/engine/receive.ts';
import type { RemoteReport } from '#lib/engine/remote.ts';
import { offered } from '#lib/engine/remote-offer.ts';
import { initialState, type StepState } from '#lib/engine/state.ts';
import { graphOf } from '#lib/engine/test-run.ts';
import { callOf } from '#lib/steps/code/calls.ts';
import { CodeSession, type NewReport } from './code-session.ts';
import { type Steps, workflow } from './workflow.ts';

/**
 * Code against the engine, both real, without a server or a clock between them: after a number of reports the process of the
 * code dies, as often as the test says, and another one is given the work.
 */
class Bench {
  readonly graph = graphOf([{ id: 'code', queue: 'code' }], { output: 'code' });
  readonly state = initialState(this.graph);
  readonly events: NewRunEvent[] = [];
  readonly #run: (step: Steps) => Promise<unknown>;
  /** Reports that each process lives through; one that is not named lives on. */
  readonly #lives: number[];
  #now = 1000;
  #offers = 0;
  sessions = 0;

  constructor(run: (step: Steps) => Promise<unknown>, lives: readonly number[]) {
    this.#run = run;
    this.#lives = [...lives];
  }

  async end(): Promise<this> {
    for (let turns = 0; this.state.status !== 'completed' && this.state.status !== 'failed'; turns++) {
      if (turns > 500) throw new Error(`The run does not end: ${JSON.stringify(this.events.slice(-5))}`);
      const moved = advance(this.state, this.#now);
      this.events.push(...moved.events);
      if (moved.work.some((one) => one.kind === 'start' && one.step === 'code')) this.#offer();
      else if (this.#code.waiting?.kind === 'remote') await this.#session();
      else this.#now = Math.max(this.#now + 1, moved.wakeAt ?? 0);
    }
    return this;
  }

  get #code(): StepState {
    const [at] = this.state.steps;
    if (at === undefined) throw new Error('There is no code');
    return at;
  }

  #offer(): void {
    const step = this.graph.byId.get('code');
    if (step === undefined) throw new Error('There is no code');
    this.#keep(offered(step, 'code', this.#code.attempt + 1, `offer ${++this.#offers}`, this.#now));
  }

  #keep(event: NewRunEvent): void {
    apply(this.state, event);
    this.events.push(event);
  }

  #report(token: string, payload: RemoteReport): void {
    const message = { place: 1, kind: 'remote', step: 'code', token, payload: payload as unknown as Json } as const;
    for (const event of receive(this.state, message, this.#now)) this.#keep(event);
  }

  /** A process that lives until it has nothing to do, or dies. */
  #session(): Promise<void> {
    const token = this.#code.remote ?? '';
    let left = this.#lives.shift() ?? Number.POSITIVE_INFINITY;
    this.sessions++;
    this.#report(token, { kind: 'started', at: this.#now });
    const calls = callsOf(this.state, 0).map((step) => past(this.state.steps[step.index] as StepState, step.id, step.call));
    const work: Work = { id: token, run_id: 'run_1', workflow: 'code', step: 'code', execution: 1, input: null, after: 0, calls };
    return new Promise((resolve) => {
      const session: CodeSession = new CodeSession(work, workflow('code', this.#run), {
        post: async (report) => {
          await new Promise((next) => setImmediate(next));
          if (left-- <= 0) {
            if (left === -1) this.#report(token, { kind: 'lost' });
            session.withdraw();
            return false;
          }
          this.#report(token, engineReport(report, this.#now));
          return true;
        },
        changed: () => void setImmediate(() => this.#time(session)),
        ended: resolve,
      });
      session.start();
    });
  }

  /** Waits end while the session looks on, or after it was parked: by turns. */
  #time(session: CodeSession): void {
    if (this.#now % 2 === 0) session.pause();
    this.#now += 7;
    const moved = advance(this.state, this.#now);
    this.events.push(...moved.events);
    const awaited = new Map(session.awaits().map((one) => [one.step, one.after]));
    session.onNews(this.events.flatMap((event, index) => newsOf(event, index + 1, awaited)));
    if (session.awaits().length > 0) setImmediate(() => this.#time(session));
  }
}

function newsOf(event: NewRunEvent, seq: number, awaited: ReadonlyMap<string, number>): StepNews[] {
  if (!('step' in event) || seq <= (awaited.get(event.step) ?? Number.POSITIVE_INFINITY)) return [];
  if (event.type === 'step_completed') return [{ step: event.step, seq, news: 'completed', output: event.output, error: null }];
  if (event.type === 'step_failed') return [{ step: event.step, seq, news: 'failed', output: null, error: event.error }];
  return event.type === 'step_waiting' && event.kind === 'code' ? [{ step: event.step, seq, news: 'due', output: null, error: null }] : [];
}

function past(at: StepState, step: string, call: { kind: PastCall['kind']; seen: readonly string[] } | null): PastCall {
  return {
    ...{ step, kind: call?.kind ?? 'do', seen: [...(call?.seen ?? [])], status: at.status, attempt: at.attempt, output: at.output },
    ...{ error: at.error, retrying: at.waiting?.kind === 'retry' },
    ended_at: at.endedAt === null ? null : new Date(at.endedAt).toISOString(),
  };
}

function engineReport(report: NewReport, at: number): RemoteReport {
  switch (report.kind) {
    case 'called':
      return { kind: 'called', at, call: callOf(report.call, at) };
    case 'step_started':
      return { kind: 'inner', at, step: report.step, report: { kind: 'started', attempt: report.attempt } };
    case 'step_completed':
      return { kind: 'inner', at, step: report.step, report: { kind: 'completed', attempt: report.attempt, output: report.output } };
    case 'step_failed': {
      const { attempt, error, retryable } = report;
      return {
        kind: 'inner',
        at,
        step: report.step,
        report: { kind: 'failed', attempt, error: error as { code: string; message: string }, retryable },
      };
    }
    case 'returned':
      return { kind: 'ended', at, outcome: { kind: 'completed', output: report.output } };
    case 'threw':
      return { kind: 'ended', at, outcome: { kind: 'failed', error: report.error as { code: string; message: string }, retryable: false } };
    case 'parked':
      return { kind: 'ended', at, outcome: { kind: 'wait', on: 'code', until: null, data: { known: report.known } } };
    default:
      throw new Error(`Nobody reports ${report.kind} here`);
  }
}

/** A program of code: what it does follows from the results of its steps, and from the order in which it had them. */
type Program =
  | { readonly is: 'do'; readonly name: string; readonly ends: 'well' | 'badly' | 'retried'; readonly turns: number }
  | { readonly is: 'sleep'; readonly name: string; readonly millis: number }
  | { readonly is: 'chain'; readonly of: readonly Program[] }
  | { readonly is: 'all' | 'any' | 'race' | 'settled'; readonly of: readonly Program[] };

const name = fc.constantFrom('a', 'b', 'c');
const { program } = fc.letrec<{ program: Program; leaf: Program }>((tie) => ({
  leaf: fc.oneof(
    fc.record({
      is: fc.constant('do' as const),
      name,
      ends: fc.constantFrom('well' as const, 'badly' as const, 'retried' as const),
      turns: fc.nat(9),
    }),
    fc.record({ is: fc.constant('sleep' as const), name, millis: fc.constantFrom(1, 9, 30) }),
  ),
  program: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    tie('leaf'),
    fc.record({ is: fc.constant('chain' as const), of: fc.array(tie('program'), { minLength: 1, maxLength: 3 }) }),
    fc.record({
      is: fc.constantFrom('all' as const, 'any' as const, 'race' as const, 'settled' as const),
      of: fc.array(tie('program'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const JOINS = { all: Promise.all, any: Promise.any, race: Promise.race, settled: Promise.allSettled } as const;

/** Executes a program; errors are values of it, so that it always goes on. */
async function execute(step: Steps, program: Program, told: (step: string) => void): Promise<string> {
  switch (program.is) {
    case 'do': {
      const options = { retries: { limit: program.ends === 'retried' ? 2 : 0, delay: 5, backoff: 'constant' } } as const;
      const work = async ({ attempt, idempotencyKey }: { attempt: number; idempotencyKey: string }) => {
        for (let turn = 0; turn < program.turns; turn++) await new Promise((next) => setImmediate(next));
        if (program.ends === 'badly' || (program.ends === 'retried' && attempt === 1)) throw new Error('no');
        told(idempotencyKey);
        return idempotencyKey.split(':')[1] ?? '';
      };
      return step.do(program.name, options, work).catch((error: Error) => `caught ${error.message}`);
    }
    case 'sleep':
      return step.sleep(program.name, program.millis).then(() => 'slept');
    case 'chain': {
      let said = '';
      for (const one of program.of) said += ` ${await execute(step, one, told)}`;
      return said;
    }
    default: {
      const answer: unknown = await JOINS[program.is].call(Promise, program.of.map((one) => execute(step, one, told)) as never);
      // What it does next depends on who was first.
      const said = JSON.stringify(answer);
      return said.length % 2 === 0 ? said : `${said} ${await step.do('odd', () => said.length)}`;
    }
  }
}

async function slow(turns: number, answer: string): Promise<string> {
  for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
  return answer;
}

describe('code against the engine', () => {
  test('checklist #84 #85 #90: whatever the program and wherever its processes die: it ends, goes the same way again, and executes no finished step anew', {
    timeout: 30_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), async (one, lives) => {
        const bench = await new Bench((step) => execute(step, one, () => {}), lives).end();
        expect(bench.state.error).toBe(null);
        expect(bench.state.status).toBe('completed');
        const ends = bench.events.flatMap((event) => (event.type === 'step_completed' || event.type === 'step_failed' ? [event.step] : []));
        expect(new Set(ends).size).toBe(ends.length);
        const begun = bench.events.flatMap((event, index) => (event.type === 'step_started' ? [{ step: event.step, index }] : []));
        for (const { step, index } of begun) {
          const end = bench.events.findIndex(
            (event) => (event.type === 'step_completed' || event.type === 'step_failed') && event.step === step,
          );
          expect(end === -1 || index < end).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('a process that dies after each of its reports in turn: the result is that of one that lives', async () => {
    const run = async (step: Steps) => {
      const first = await Promise.race([
        step.do('a', () => slow(9, 'a')),
        step.sleep('s', 3).then(() => 's'),
        step.do('b', () => slow(2, 'b')),
      ]);
      const second = await step.do(`after ${first}`, () => first);
      const order: string[] = [];
      const told = (one: string) => order.push(one);
      await Promise.all([step.do('x', () => slow(9, 'x')).then(told), step.do('y', () => slow(2, 'y')).then(told)]);
      await step.do(`first was ${order[0]}`, () => null);
      const third = await step.do('bad', { retries: { limit: 0 } }, () => Promise.reject(new Error('no'))).catch(() => 'caught');
      return [second === first, third];
    };
    for (let life = 0; life < 22; life++) {
      const bench = await new Bench(run, [life]).end();
      expect(bench.state).toMatchObject({ status: 'completed', output: [true, 'caught'] });
      if (life < 8) expect(bench.sessions).toBeGreaterThan(1);
    }
  });
});
