import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { uuidFromId } from '#lib/base/ids.ts';
import type { Json, JsonObject } from '#lib/base/json.ts';
import { atEnd } from '#lib/base/test-end.ts';
import { disconnect, pool } from '#lib/db/client.ts';
import { stopListening } from '#lib/db/notify.ts';
import { putSecretRecord } from '#lib/db/secrets.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import type { RunEvent } from '#lib/engine/events.ts';
import { closeExpressionProcesses } from '#lib/server/expression-process.ts';
import { resealSecrets } from '#lib/server/read-secrets.ts';
import { seal, sealKey } from '#lib/server/seal.ts';
import { secretPlace } from '#lib/server/secret-view.ts';
import type { StepContext, StepOutcome } from '#lib/steps/executor.ts';
import type { RunWorker } from './run-worker.ts';
import { done, ended, eventsOf, rowOf, startWorker, storeSteps, uuidOf } from './test-runs.ts';

const KEY = 'test-encryption-key-0123456789-0123456789';
const NEW_KEY = 'another-encryption-key-0123456789-012345';
let worker: RunWorker;
/** What the step does with its config; each test sets it. */
let echo: (config: Json, context: StepContext) => StepOutcome | Promise<StepOutcome> = () => done();

beforeAll(async () => {
  process.env.WEFTLINE_ENCRYPTION_KEY = KEY;
  await freshDatabase();
  worker = await startWorker((context, config) => echo(config, context));
  atEnd(async () => {
    await worker.stop(500);
    await Promise.all([stopListening(), closeExpressionProcesses()]);
    await disconnect();
  });
});

/** Runs one step with this config in a workspace that has these secrets. */
async function runWith(
  secrets: Record<string, string>,
  config: Record<string, Json>,
  more: object = {},
  sealedBy = process.env.WEFTLINE_ENCRYPTION_KEY?.split(',')[0] ?? '',
  others: readonly { id: string; config: JsonObject; depends_on: string[] }[] = [],
): Promise<{ run: string; uuid: string; events: RunEvent[] }> {
  const { start, workspaceId } = await storeSteps([{ id: 'a', config, ...more }, ...others]);
  const workspace = uuidFromId('ws', workspaceId) ?? '';
  for (const [name, value] of Object.entries(secrets)) {
    const sealed = seal(value, secretPlace(workspace, name), [sealKey(sealedBy)]);
    await putSecretRecord(workspace, name, { sealed, description: '', by: 'Ada' });
  }
  const [run = ''] = await start();
  await ended([run]);
  return { run, uuid: uuidOf(run), events: await eventsOf(run) };
}

/** Every row that tells of the run, as text. */
async function rowsOf(uuid: string): Promise<string> {
  const { rows } = await pool().query<{ text: string }>(
    `select coalesce(string_agg(text, ' '), '') as text from (
       select run::text as text from run where id = $1
       union all select run_event::text from run_event where run_id = $1
       union all select convert_from(blob.content, 'UTF8') from blob join blob_use using (hash) where run_id = $1
       union all select payload::text from graphile_worker._private_jobs
     ) as everything`,
    [uuid],
  );
  return rows[0]?.text ?? '';
}

describe('a secret in a step', () => {
  it('reaches the step and is told by nothing that the step lets be seen', async () => {
    let seen: Json = null;
    echo = (config, { log, emit }) => {
      seen = config;
      log(`sending ${JSON.stringify(config)}`);
      emit('sent', config);
      return done({ echo: config });
    };
    const { uuid, events } = await runWith(
      { TOKEN: 'tok_0123456789abcdef', USER_PASS: 'pässwörd "1" & more' },
      {
        header: 'Bearer {{ secrets.TOKEN }}',
        basic: "Basic {{ $base64encode('ada:' & secrets.USER_PASS) }}",
        made: '{{ $uppercase(secrets.TOKEN) }}',
        plain: '{{ run.trigger }}',
      },
    );
    expect(seen).toEqual({
      header: 'Bearer tok_0123456789abcdef',
      basic: `Basic ${Buffer.from('ada:pässwörd "1" & more', 'latin1').toString('base64')}`,
      made: 'TOK_0123456789ABCDEF',
      plain: 'api',
    });
    const input = { header: 'Bearer [SECRET]', basic: 'Basic [SECRET]', made: '[SECRET]', plain: 'api' };
    expect(events.find((event) => event.type === 'step_started')).toMatchObject({ input });
    expect(events.find((event) => event.type === 'step_completed')).toMatchObject({ output: { echo: input } });
    expect(events.find((event) => event.type === 'step_emitted')).toMatchObject({ data: input });
    expect(events.find((event) => event.type === 'step_log')).toMatchObject({
      lines: [expect.stringContaining('"header":"Bearer [SECRET]"')],
    });
    const rows = await rowsOf(uuid);
    for (const value of ['tok_0123456789abcdef', 'TOK_0123456789ABCDEF', 'pässw', 'cOR']) expect(rows).not.toContain(value);
  });

  it('appears nowhere in the rows of the run, whatever the step echoes', { timeout: 120_000 }, async () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 40, unit: 'grapheme' })
      .filter((text) => text.trim().length >= 8 && !text.includes('\u0000') && text.isWellFormed());
    const ways: ((value: string) => Json)[] = [
      (value) => value,
      (value) => ({ [value]: [{ deep: `<${value}>` }] }),
      (value) => `https://example.com/?q=${encodeURIComponent(value)}&x=1`,
      (value) => new URLSearchParams({ a: value }).toString(),
      (value) => JSON.stringify({ text: JSON.stringify(value) }),
      (value) => Buffer.from(`user:${value}`).toString('base64'),
      (value) => Buffer.from(value).toString('hex'),
      (value) => Number(value) || value.repeat(3),
      (value) => 'x'.repeat(40_000) + value,
    ];
    await fc.assert(
      fc.asyncProperty(
        secret,
        fc.nat(ways.length - 1),
        fc.constantFrom('output', 'error', 'log', 'emit', 'throw', 'wait'),
        async (value, index, where) => {
          const way = ways[index] as (value: string) => Json;
          echo = (config, { log, emit }) => {
            const said = way((config as { value: string }).value);
            const text = typeof said === 'string' ? said : JSON.stringify(said);
            if (where === 'log') log(text);
            if (where === 'emit') emit('said', said);
            if (where === 'throw') throw new Error(text);
            if (where === 'wait') return { kind: 'wait', on: 'timer', until: Date.now(), data: said };
            if (where === 'error') return { kind: 'failed', error: { code: 'X', message: text, data: said }, retryable: false };
            return done(said);
          };
          const { uuid, run, events } = await runWith({ S: value }, { value: '{{ secrets.S }}' });
          expect((await rowOf(run)).status).toMatch(/completed|failed/);
          const rows = (await rowsOf(uuid)) + JSON.stringify(events);
          const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('hex')];
          for (const form of forms) expect(rows).not.toContain(form);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is hidden inside of a loop and in an undo too', async () => {
    const seen: Json[] = [];
    echo = (config) => {
      seen.push((config as { value: string }).value);
      return done(config);
    };
    const body = [{ id: 'b', type: 'work', config: { value: '{{ item & secrets.TOKEN }}' } }];
    const inLoop = await runWith({ TOKEN: 'tok_0123456789abcdef' }, { items: '{{ [1, 2] }}', steps: body }, { type: 'loop' });
    expect(seen).toEqual(['1tok_0123456789abcdef', '2tok_0123456789abcdef']);
    expect(await rowsOf(inLoop.uuid)).not.toContain('tok_0123456789abcdef');
    expect(await rowsOf(inLoop.uuid)).toContain('[SECRET]');

    seen.length = 0;
    echo = (config, { stepKey }) => {
      seen.push((config as { value: string }).value);
      const error = { code: 'X', message: `it said ${(config as { value: string }).value}` };
      return stepKey === 'a' ? done() : { kind: 'failed', error, retryable: false };
    };
    const undo = { type: 'work', config: { value: '{{ secrets.TOKEN }}' } };
    const { events, uuid } = await runWith({ TOKEN: 'tok_0123456789abcdef' }, { value: 'plain' }, { undo }, undefined, [
      { id: 'z', config: { value: 'x' }, depends_on: ['a'] },
    ]);
    expect(seen).toEqual(['plain', 'x', 'tok_0123456789abcdef']);
    expect(events.find((event) => event.type === 'step_undone')).toMatchObject({ error: { message: 'it said [SECRET]' } });
    expect(await rowsOf(uuid)).not.toContain('tok_0123456789abcdef');
  });

  it('that is not there fails the step and says where it is asked for', async () => {
    const { events } = await runWith({}, { headers: { Authorization: 'Bearer {{ secrets.MISSING }}' } }, { retry: { max_attempts: 3 } });
    expect(events.find((event) => event.type === 'step_failed')).toMatchObject({
      attempt: 1,
      error: { code: 'SECRET_NOT_FOUND', message: expect.stringContaining("'MISSING'"), path: '/config/headers/Authorization' },
    });
  });

  it('is seen by the expressions that name it, and by no other', async () => {
    let seen: Json = null;
    echo = (config) => {
      seen = config;
      return done();
    };
    await runWith({ TOKEN: 'tok_0123456789abcdef' }, { all: '{{ $keys($$) }}', one: '{{ secrets.TOKEN }}' });
    expect(seen).toMatchObject({ one: 'tok_0123456789abcdef', all: expect.not.arrayContaining(['secrets']) });
  });

  it('is hidden in what goes wrong inside of an expression', async () => {
    const { events, uuid } = await runWith({ TOKEN: 'tok_0123456789abcdef' }, { n: '{{ $number(secrets.TOKEN) }}' });
    expect(events.find((event) => event.type === 'step_failed')).toMatchObject({ error: { code: 'EXPRESSION_ERROR', path: '/config/n' } });
    expect(await rowsOf(uuid)).not.toContain('tok_0123456789abcdef');
  });

  it('is read by an executor through its context, and hidden the same way', async () => {
    echo = async (_, context) => {
      const found = await context.secret('TOKEN');
      const missing = await context.secret('NOPE');
      return done({ found, missing } as unknown as Json);
    };
    const { events } = await runWith({ TOKEN: 'tok_0123456789abcdef' }, {});
    expect(events.find((event) => event.type === 'step_completed')).toMatchObject({
      output: { found: { value: '[SECRET]' }, missing: { error: { code: 'SECRET_NOT_FOUND' } } },
    });
  });

  it('that a former key sealed opens, and is sealed anew by the first', async () => {
    echo = (config) => done({ length: (config as { value: string }).value.length });
    process.env.WEFTLINE_ENCRYPTION_KEY = `${NEW_KEY},${KEY}`;
    expect(await resealSecrets()).toBeGreaterThan(0);
    expect(await resealSecrets()).toBe(0);
    const { rows } = await pool().query<{ sealed: Buffer }>('select sealed from secret');
    for (const row of rows) expect(row.sealed.subarray(1, 9).equals(sealKey(NEW_KEY).id)).toBe(true);
    const still = await runWith({ TOKEN: 'tok_0123456789abcdef' }, { value: '{{ secrets.TOKEN }}' });
    expect(still.events.find((event) => event.type === 'step_completed')).toMatchObject({ output: { length: 20 } });
    process.env.WEFTLINE_ENCRYPTION_KEY = KEY;
    const lost = await runWith({ TOKEN: 'tok_0123456789abcdef' }, { value: '{{ secrets.TOKEN }}' }, {}, NEW_KEY);
    expect(lost.events.find((event) => event.type === 'step_failed')).toMatchObject({
      error: { code: 'SECRET_UNREADABLE', message: expect.stringContaining('key that is not at hand'), path: '/config/value' },
    });
  });
});
