#!/usr/bin/env node
// @ts-check
/**
 * Prisma's schema engine as an executable, for `npx prisma migrate …` on machines that cannot download the native one: the
 * same engine comes from npm as WebAssembly and talks to PostgreSQL through the ordinary driver. Development only: `npm start`
 * applies migrations with scripts/migrate.mjs.
 *
 * Speaks what the command expects: `--version`; `cli can-connect-to-database | create-database | drop-database`; else
 * JSON-RPC, one message a line, on standard input and output. Every failure is written and ends with a code other than 0.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
/** `"char"`, which the catalogs are full of and the driver adapter does not know; it is read as a blank-padded text. */
const OID_CHAR = 18;
const OID_BPCHAR = 1042;
const RPC_ERROR = 4466;
/** Errors of PostgreSQL as the codes that Prisma's command knows. */
const PRISMA_CODES = /** @type {Record<string, string>} */ ({ '3D000': 'P1003', '28P01': 'P1000', 28000: 'P1010', '42P04': 'P1009' });

const options = readArguments(process.argv.slice(2));
if (options.version) {
  console.log(`schema-engine-cli ${require('@prisma/engines-version').enginesVersion}`);
} else if (options.command) {
  await runCommand(options.command);
} else {
  await serve();
}

/** @param {string[]} args */
function readArguments(args) {
  const result = { version: false, command: '', url: '', datamodels: /** @type {string[]} */ ([]) };
  for (let i = 0; i < args.length; i += 1) {
    const value = args[i + 1] ?? '';
    if (args[i] === '--version') result.version = true;
    else if (args[i] === 'cli') result.command = value;
    else if (args[i] === '--datasource') result.url = JSON.parse(value).url ?? '';
    else if (args[i] === '--datamodels') result.datamodels.push(value);
  }
  return result;
}

/** @param {string} command */
async function runCommand(command) {
  const { default: pg } = await import('pg');
  const target = connection();
  const own = command === 'can-connect-to-database';
  const client = new pg.Client(own ? target : { ...target, database: 'postgres' });
  const name = `"${String(target.database).replaceAll('"', '""')}"`;
  try {
    await client.connect();
    if (command === 'create-database') await client.query(`CREATE DATABASE ${name}`);
    if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.end();
  } catch (error) {
    const { code = '', message } = /** @type {Error & { code?: string }} */ (error);
    // The command skips the first line and parses every other as a log line.
    process.stderr.write(
      `\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields: { message, error_code: PRISMA_CODES[code] ?? 'P1001' } })}`,
    );
    process.exitCode = 1;
    await client.end().catch(() => {});
  }
}

/** Fields instead of one string: with a string the shadow database's name would be ignored and its work done on the real one. */
function connection() {
  if (!options.url) throw new Error('Set DATABASE_URL to the database that Prisma should work on.');
  const { parse } = require('pg-connection-string');
  const { host, port, user, password, database, ssl } = parse(options.url);
  return { host, port: port ? Number(port) : 5432, user, password, database, ...(ssl === undefined ? {} : { ssl }) };
}

async function serve() {
  const failures = /** @type {string[]} */ ([]);
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (/** @type {string} */ text) => failures.push(text) } });
  const engine = await createEngine();
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const request = line.trim() === '' ? null : JSON.parse(line);
    if (!request?.method) continue;
    try {
      const method = request.method === 'getDatabaseVersion' ? 'version' : request.method;
      if (typeof engine[method] !== 'function') throw new Error(`The schema engine has no method ${request.method}.`);
      const result = await engine[method](request.params);
      if (request.method === 'diff' && result?.stdout)
        send({ method: 'print', params: { content: result.stdout }, id: `print-${request.id}` });
      send({ id: request.id, result: result ?? null });
    } catch (error) {
      send({ id: request.id, error: errorOf(error, failures.pop()) });
    }
  }
  process.exit(0);
}

/** @param {object} message */
function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/** @param {unknown} error @param {string | undefined} panic */
function errorOf(error, panic) {
  const known = /** @type {{ message?: string, code?: string, meta?: unknown }} */ (error);
  const message = panic ?? known.message ?? String(error);
  const details = { is_panic: panic !== undefined, message, error_code: known.code, meta: known.meta };
  return {
    code: RPC_ERROR,
    message: 'An error happened. Check the data field for details.',
    data: panic === undefined ? details : { ...details, error: { message } },
  };
}

/** @returns {Promise<any>} */
async function createEngine() {
  const wasm = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { './schema_engine_bg.js': /** @type {any} */ (wasm) });
  wasm.__wbg_set_wasm(instance.exports);
  /** @type {any} */ (instance.exports).__wbindgen_start();
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const datamodels = options.datamodels.map((path) => /** @type {[string, string]} */ ([path, readFileSync(path, 'utf8')]));
  const adapter = bindMigrationAwareSqlAdapterFactory(await createAdapterFactory());
  return wasm.SchemaEngine.new({ datamodels: datamodels.length > 0 ? datamodels : undefined }, () => {}, adapter);
}

/** The driver adapter with the three things mended that the schema engine needs and queries of an application don't. */
async function createAdapterFactory() {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const { ColumnTypeEnum } = await import('@prisma/driver-adapter-utils');
  const { default: pg } = await import('pg');
  const mend = (/** @type {any} */ adapter) => {
    mendQueries(adapter, ColumnTypeEnum.Character);
    // The original splits at every semicolon, through function bodies too.
    adapter.executeScript = async (/** @type {string} */ script) => {
      await adapter.client.query(script).catch((/** @type {unknown} */ error) => adapter.onError(error));
    };
    const startTransaction = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (/** @type {any} */ level) => {
      const transaction = await startTransaction(level);
      mendQueries(transaction, ColumnTypeEnum.Character);
      return transaction;
    };
    return adapter;
  };
  const config = options.url ? connection() : { host: '/nonexistent' };
  const factory = /** @type {any} */ (new PrismaPg(config));
  const connect = factory.connect.bind(factory);
  factory.connect = async () => mend(await connect());
  factory.connectToShadowDb = async () => {
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = new pg.Pool({ ...config, max: 1 });
    await admin.query(`CREATE DATABASE "${name}"`);
    const shadow = mend(await new PrismaPg({ ...config, database: name }).connect());
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.end();
    };
    return shadow;
  };
  return factory;
}

/** @param {any} queryable @param {number} characterType */
function mendQueries(queryable, characterType) {
  const performIO = queryable.performIO.bind(queryable);
  const queryRaw = queryable.queryRaw.bind(queryable);
  let characters = /** @type {number[]} */ ([]);
  queryable.performIO = async (/** @type {any} */ query) => {
    const result = await performIO(query);
    characters = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== OID_CHAR) continue;
      field.dataTypeID = OID_BPCHAR;
      characters.push(index);
    }
    return result;
  };
  queryable.queryRaw = async (/** @type {any} */ query) => {
    const result = await queryRaw(query);
    for (const index of characters) result.columnTypes[index] = characterType;
    return result;
  };
}
