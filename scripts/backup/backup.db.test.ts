import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disconnect, pool } from '#lib/db/client.ts';
import { ensureDispatcher } from '#lib/db/dispatcher.ts';
import { stopListening } from '#lib/db/notify.ts';
import { freshDatabase } from '#lib/db/test-database.ts';
import { createWorkflow } from '#lib/server/create-workflow.ts';
import { sendEvent } from '#lib/server/send-event.ts';
import { startRun } from '#lib/server/start-run.ts';
import { testAccess } from '#lib/server/test-workspace.ts';
import { loadDatabase } from '#scripts/backup/load.mjs';
import { verifyBackup } from '#scripts/backup/read-backup.mjs';
import { saveDatabase } from '#scripts/backup/save.mjs';
import { migrate } from '#scripts/migrate.mjs';
import { chainOf, done, ended, eventsOf, rowOf, startWorker, storeSteps, until } from '#worker/test-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'weftline-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = () => join(folder, `${++files}.tar.zst`);

async function ask<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table and every sequence as text, but for what tells the level of the schema and who is connected. */
async function everything(url: string): Promise<Map<string, string[]>> {
  const tables = await ask<{ name: string }>(
    url,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'journal', 'graphile_worker') and tablename not in ('_prisma_migrations', 'migrations', 'run_event')`,
  );
  const all = new Map<string, string[]>();
  for (const { name } of tables) {
    const columns = name === 'public.worker' ? 'id, name, status' : 't';
    const rows = await ask<{ row: string }>(
      url,
      `select (${columns === 't' ? 't' : `row(${columns})`})::text as row from ${name} t order by 1`,
    );
    all.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  const sequences = await ask<{ name: string }>(url, `select format('%I.%I', schemaname, sequencename) as name from pg_sequences`);
  for (const { name } of sequences) {
    const [row] = await ask<{ last: string }>(url, `select last_value || ' ' || is_called as last from ${name}`);
    all.set(`sequence ${name}`, [row?.last ?? '']);
  }
  return all;
}

/** Values that a careless copy changes. */
async function fillWithHardValues(url: string): Promise<void> {
  await ask(url, `insert into blob (hash, size, content) values ('every byte', 256, $1), ('none', 0, '')`, [
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  ]);
  await ask(
    url,
    `insert into "user" (id, name, email, image) values (gen_random_uuid(), $1, 'a@example.test', null), (gen_random_uuid(), '', 'b@example.test', '')`,
    ['\\N\t\n\r\\. "quoted" \u2028 😀 '],
  );
  await ask(url, `insert into workspace (id, name, slug) values ('00000000-0000-7000-8000-000000000001', 'w', 'w')`);
  await ask(
    url,
    `insert into workflow (id, workspace_id, name, tags) values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'w', $1)`,
    [['', 'a,b', '{"x"}', '\\', 'NULL', '\t']],
  );
  await ask(
    url,
    `insert into definition (hash, document, created_at) values ('hard', $1::json, 'infinity'), ('large', $2::json, '4713-01-01 BC')`,
    ['{ "b" : 1.10, "a": "\\u0000\\ud800",\n "b": 1e400 }', JSON.stringify('ä'.repeat(2_500_000))],
  );
  await ask(url, `insert into rate_limit (id, key, count, last_request) values (gen_random_uuid(), 'k', -1, 9223372036854775807)`);
  // A run of another year: the journal has no partition for it, and the default one takes it.
  await ask(
    url,
    `insert into run_event (run_id, seq, type, at, data) values ('00000000-0000-7000-8000-000000000003', 1, 'run_queued', now(), null)`,
  );
}

describe('a database at rest', () => {
  let url = '';
  let file = '';
  let before = new Map<string, string[]>();

  beforeAll(async () => {
    ({ url } = await freshDatabase());
    await ensureDispatcher();
    await fillWithHardValues(url);
    const { start } = await storeSteps(chainOf(3));
    const worker = await startWorker(() => done({ big: 'x'.repeat(50_000) }));
    await ended(await start(20));
    await worker.stop(1000);
    await pool().query(`select graphile_worker.add_job('later', '{"a":1}', run_at := now() + interval '1 hour', job_key := 'k')`);
    await stopListening();
    await disconnect();
    before = await everything(url);
    file = newFile();
    await saveDatabase({ url, file, version: '0.0.1' });
  });

  it('comes back elsewhere with every row of every table, every partition and every sequence', async () => {
    const other = await freshDatabase({ empty: true });
    const { rows, migrated } = await loadDatabase({ url: other.url, file, replace: false });
    const after = await everything(other.url);
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
    expect(before.get('public.run')).toHaveLength(20);
    expect(rows).toBe([...before].reduce((sum, [name, all]) => sum + (name.startsWith('sequence') ? 0 : all.length), 0));
    expect(migrated).toEqual([]);
    // The same schema too: what was set aside for the rows is back.
    const shape = `select pg_get_indexdef(indexrelid) as made from pg_index where indrelid in (select oid from pg_class where relnamespace::regnamespace::text in ('public', 'journal', 'graphile_worker'))
      union all select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated from pg_constraint where contype in ('f', 'p', 'u', 'c')
      union all select tgrelid::regclass::text || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal
      union all select c.oid::regclass::text || ' ' || coalesce(pg_get_expr(relpartbound, c.oid), '') || ' ' || coalesce(reloptions::text, '') from pg_class c where relnamespace::regnamespace::text in ('public', 'journal') order by 1`;
    expect(await ask(other.url, shape)).toEqual(await ask(url, shape));
    // And numbers go on after the last one that was given.
    const [job] = await ask<{ id: string }>(other.url, `select (graphile_worker.add_job('later')).id`);
    const [most] = await ask<{ id: string }>(url, 'select max(id) as id from graphile_worker._private_jobs');
    expect(Number(job?.id)).toBeGreaterThan(Number(most?.id));
  });

  it('is told whole by a reader that touches no database', async () => {
    expect(await verifyBackup(file)).toMatchObject({
      manifest: { version: '0.0.1', product: 'weftline' },
      tables: before.size - [...before.keys()].filter((name) => name.startsWith('sequence')).length,
    });
  });

  it('takes the place of other data only when told to, and only when nobody is connected', async () => {
    const other = await freshDatabase();
    await ask(other.url, `insert into workspace (id, name, slug) values (gen_random_uuid(), 'kept', 'kept')`);
    await expect(loadDatabase({ url: other.url, file, replace: false })).rejects.toThrow('The database is not empty');
    const guest = new pg.Client({ connectionString: other.url, application_name: 'guest' });
    await guest.connect();
    await expect(loadDatabase({ url: other.url, file, replace: true })).rejects.toThrow('The database is in use by guest');
    await guest.end();
    expect(await ask(other.url, 'select slug from workspace')).toEqual([{ slug: 'kept' }]);
    await loadDatabase({ url: other.url, file, replace: true });
    expect(Object.fromEntries(await everything(other.url))).toEqual(Object.fromEntries(before));
  });

  it('needs no word where the product was only started', async () => {
    const other = await freshDatabase();
    await ask(other.url, `insert into worker (id, name, slots, lock_key, lease_until) values (gen_random_uuid(), 'w', 1, 1, now())`);
    await loadDatabase({ url: other.url, file, replace: false });
    expect(await ask(other.url, `select from worker where name = 'w' and slots = 1`)).toEqual([]);
  });

  it('is not mixed with tables of others', async () => {
    const other = await freshDatabase({ empty: true });
    await ask(other.url, 'create table theirs (id int)');
    await expect(loadDatabase({ url: other.url, file, replace: true })).rejects.toThrow("tables that are not Weftline's (public.theirs)");
    expect(await ask(other.url, 'select from theirs')).toEqual([]);
  });

  it('does not come back from a file that was cut off, wherever', async () => {
    const whole = readFileSync(file);
    for (const part of [0, 1, 10, 200, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((n) => (n < 1 ? Math.floor(n * whole.length) : n))) {
      const cut = newFile();
      writeFileSync(cut, whole);
      truncateSync(cut, part);
      await expect(verifyBackup(cut), String(part)).rejects.toThrow(/ is cut off: it ends at | is not a backup of Weftline\./);
    }
    const last = newFile();
    writeFileSync(last, whole.subarray(0, whole.length - 1));
    await expect(verifyBackup(last)).rejects.toThrow('is cut off');
  });

  it('does not come back from a file of which a byte is another', async () => {
    const whole = readFileSync(file);
    for (let place = 0; place < 20; place++) {
      const bytes = Buffer.from(whole);
      const at = Math.floor((place / 20) * whole.length);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const bad = newFile();
      writeFileSync(bad, bytes);
      await expect(verifyBackup(bad), String(at)).rejects.toThrow(/was changed or damaged|is not a backup|is cut off|cannot be read/);
    }
  });

  it.each([
    ['a row', 'a@example.test', 'c@example.test', 'table public.user has another checksum'],
    ['a name', 'data/public.user/', 'data/public.usex/', 'damaged'],
    ['the description', '"version": "0.0.1"', '"version": "0.0.2"', 'its description is another'],
    ['the checksums', '"sha256": "', '"sha257": "', 'table public.account has another checksum'],
  ])('sees that %s was changed by hand', async (_what, from, to, sentence) => {
    const plain = zstdDecompressSync(readFileSync(file)).toString('latin1');
    expect(plain).toContain(from);
    const bad = newFile();
    writeFileSync(bad, zstdCompressSync(Buffer.from(plain.replace(from, to), 'latin1')));
    await expect(verifyBackup(bad)).rejects.toThrow(sentence);
  });

  it('leaves what was there when its last checksum is wrong', async () => {
    const bad = newFile();
    const plain = zstdDecompressSync(readFileSync(file)).toString('latin1');
    writeFileSync(bad, zstdCompressSync(Buffer.from(plain.replace('a@example.test', 'c@example.test'), 'latin1')));
    const other = await freshDatabase();
    await ask(other.url, `insert into workspace (id, name, slug) values (gen_random_uuid(), 'kept', 'kept')`);
    const former = await everything(other.url);
    await expect(loadDatabase({ url: other.url, file: bad, replace: true })).rejects.toThrow('has another checksum');
    expect(await everything(other.url)).toEqual(former);
  });

  it('does not take what is no backup for one', async () => {
    for (const content of ['', 'hello', zstdCompressSync(Buffer.from('hello')), zstdCompressSync(Buffer.alloc(1024))]) {
      const other = newFile();
      writeFileSync(other, content);
      await expect(verifyBackup(other)).rejects.toThrow('is not a backup of Weftline');
    }
    await expect(verifyBackup(join(folder, 'nowhere'))).rejects.toThrow('There is no file');
    await expect(verifyBackup(folder)).rejects.toThrow('cannot be read (EISDIR');
  });

  it('leaves no half file behind', async () => {
    await expect(saveDatabase({ url, file: join(folder, 'no', 'x'), version: '1' })).rejects.toThrow('does not exist');
    const empty = await freshDatabase({ empty: true });
    await expect(saveDatabase({ url: empty.url, file: newFile(), version: '1' })).rejects.toThrow('There is nothing to back up');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('a backup of another level', () => {
  it('that is older is restored as it was, then brought to the present', async () => {
    const all = readdirSync('prisma/migrations')
      .filter((name) => /^\d/.test(name))
      .sort();
    const former = join(folder, 'migrations');
    const later = all.slice(-2);
    for (const name of all.slice(0, -2)) {
      await mkdir(former, { recursive: true });
      await cp(join('prisma/migrations', name), join(former, name), { recursive: true });
    }
    const old = await freshDatabase({ empty: true });
    await migrate(old.url, { folder: former });
    await fillWithHardValues(old.url);
    const file = newFile();
    await saveDatabase({ url: old.url, file, version: '0.0.1' });
    const other = await freshDatabase({ empty: true });
    expect((await loadDatabase({ url: other.url, file, replace: false })).migrated).toEqual(later);
    expect(await migrate(other.url)).toEqual([]);
    await migrate(old.url);
    expect(Object.fromEntries(await everything(other.url))).toEqual(Object.fromEntries(await everything(old.url)));
  });

  it.each([
    [
      'a migration',
      (text: string) => text.replace(/"name": "0002_run_room"/, '"name": "9999_future"  '),
      'made by a newer version of Weftline (0.0.1, has 9999_future)',
    ],
    ['a format', (text: string) => text.replace('"format": 1', '"format": 7'), 'made by a newer version of Weftline (0.0.1); update'],
    [
      'a queue',
      (text: string) => text.replace(/"dispatcher": \d+/, (found) => found.replace(/\d+/, '99').slice(0, found.length)),
      'needs a newer queue',
    ],
    ['another past', (text: string) => text.replace(/"checksum": "./, '"checksum": "x'), 'with another migration 0001_init'],
  ])('that is newer is refused: %s', async (_what, change, sentence) => {
    const { url } = await freshDatabase();
    await ensureDispatcher();
    await disconnect();
    const file = newFile();
    await saveDatabase({ url, file, version: '0.0.1' });
    const plain = zstdDecompressSync(readFileSync(file)).toString('latin1');
    const changed = change(plain);
    expect(changed).not.toBe(plain);
    expect(changed).toHaveLength(plain.length);
    writeFileSync(file, zstdCompressSync(Buffer.from(changed, 'latin1')));
    await expect(loadDatabase({ url, file, replace: true })).rejects.toThrow(sentence);
  });
});

describe('a database under load', () => {
  it('is backed up as one moment saw it, and its runs go on where it is restored', async () => {
    const source = await freshDatabase();
    const executed = new Map<string, number>();
    const behavior = async ({ idempotencyKey }: { idempotencyKey: string }) => {
      executed.set(idempotencyKey, (executed.get(idempotencyKey) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return done();
    };
    const worker = await startWorker(behavior);
    const chain = await storeSteps(chainOf(8));
    const access = await testAccess();
    const paid = { name: 'paid', steps: [{ id: 'paid', type: 'wait', config: { event_type: 'payment', timeout: '30 days' } }] };
    const workflow = await createWorkflow(access, { params: {}, query: {}, body: { definition: paid } as never });
    const body = { input_data: {}, draft: false, priority: 0 };
    const startOne = () => startRun(access, { params: { id: workflow.id }, query: {}, body });
    const waiting = (await Promise.all([startOne(), startOne(), startOne()])).map((run) => run.run_id);
    await until(async () => (await Promise.all(waiting.map(rowOf))).every((run) => run.status === 'waiting'));
    const started: string[] = [];
    let loading = true;
    const load = (async () => {
      while (loading) started.push(...(await chain.start(20)));
    })();
    await until(() => started.length > 100);
    const file = newFile();
    await saveDatabase({ url: source.url, file, version: '0.0.1' });
    loading = false;
    await load;
    await ended(started);
    await worker.stop(1000);
    await stopListening();
    await disconnect();

    const target = await freshDatabase({ empty: true });
    await loadDatabase({ url: target.url, file, replace: false });
    // One moment: no run has ended in the journal and not in its row, although the journal was copied long after the runs.
    const [torn] = await ask<{ count: string }>(
      target.url,
      `select count(*) from run left join (select run_id, max(seq) as seen, bool_or(type = 'run_completed') as ended from run_event group by 1) journal on run_id = id
       where coalesce(ended, false) <> (completed_at is not null) or (ended and seen <> last_seq)`,
    );
    expect(torn).toEqual({ count: '0' });
    const open = await ask<{ id: string; status: string }>(
      target.url,
      `select 'run_' || replace(id::text, '-', '') as id, status from run where completed_at is null`,
    );
    expect(new Set(open.map((run) => run.status))).toContain('running');
    const finishedBefore = await ask<{ key: string }>(
      target.url,
      `select 'run_' || replace(run_id::text, '-', '') || ':' || step as key from run_event where type = 'step_completed'`,
    );
    executed.clear();
    const next = await startWorker(behavior);
    await ended(open.filter((run) => run.status !== 'waiting').map((run) => run.id));
    const again = [...executed.keys()].map((key) => key.split(':').slice(0, 2).join(':'));
    expect(open.map((run) => run.id)).toContain(again[0]?.split(':')[0]);
    expect(again.filter((key) => finishedBefore.some((finished) => finished.key === key))).toEqual([]);
    for (const { id } of open.filter((run) => run.status !== 'waiting').slice(0, 20)) {
      const events = await eventsOf(id);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.type === 'step_completed')).toHaveLength(8);
    }
    for (const run of waiting) await sendEvent(access, { params: { run_id: run, event_type: 'payment' }, query: {}, body: { amount: 3 } });
    await ended(waiting);
    expect((await Promise.all(waiting.map(rowOf))).map((run) => run.status)).toEqual(['completed', 'completed', 'completed']);
    await next.stop(1000);
    await stopListening();
    await disconnect();
  });
});
