import { z } from 'zod';

const Port = z.coerce
  .number('must be a whole number')
  .int('must be a whole number')
  .min(1, 'must be 1 to 65535')
  .max(65_535, 'must be 1 to 65535');
const Count = z.coerce.number('must be a whole number').int('must be a whole number').min(1, 'must be at least 1');
/** An empty variable counts as one that is not set. */
const given = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema);

/** Every environment variable that the processes read; `docs/configuration.md` says what each does. */
export const Env = z.object({
  PORT: given(Port.default(3000)),
  HOST: given(z.string().default('127.0.0.1')),
  DATA_DIR: given(z.string().default('.data')),
  DATABASE_URL: given(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
      .optional(),
  ),
  /** Where the worker and outgoing links reach the web process; the launcher sets it. */
  WEFTLINE_ORIGIN: given(z.url().optional()),
  EGRESS_ALLOW: given(z.string().default('')).transform((text) => text.split(/[\s,]+/).filter((item) => item !== '')),
  WORKFLOW_MAX_CONCURRENT_RUNS: given(Count.default(10)),
  QUEUES: given(z.string().default('default')).transform((text) => text.split(/[\s,]+/).filter((item) => item !== '')),
  WEFTLINE_OWNER_EMAIL: given(z.email('must be an e-mail address').optional()),
  WEFTLINE_OWNER_PASSWORD: given(z.string().min(8, 'must have at least 8 characters').max(128).optional()),
  WEFTLINE_API_KEY: given(
    z
      .string()
      .regex(/^wl_[A-Za-z0-9_-]{16,}$/, 'must be wl_ and at least 16 letters or digits')
      .optional(),
  ),
  /** Signs sessions; the launcher keeps one in DATA_DIR. */
  WEFTLINE_SECRET: given(z.string().min(32).optional()),
  /** Seals secrets in the database; the launcher keeps one in DATA_DIR. After a comma follow former keys, which only open. */
  WEFTLINE_ENCRYPTION_KEY: given(
    z
      .string()
      .regex(/^[^,]{32,}(,[^,]{32,})*$/, 'must be a key of at least 32 characters, and former keys after commas')
      .optional(),
  ),
  /** Needed for first set-up from another host; the launcher prints it. */
  WEFTLINE_SETUP_TOKEN: given(z.string().optional()),
  NODE_ENV: given(z.enum(['development', 'production', 'test']).default('production')),
});
export type Env = z.infer<typeof Env>;

/** Reads and checks the environment. Throws one Error whose message names every bad variable and what it must be. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const result = Env.safeParse(source);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Error(`The environment is not usable: ${faults.join('; ')}.`);
}
