import { z } from 'zod';

/** The bad ports of the Fetch standard: no browser opens them, because other protocols listen there. */
const BAD_PORTS = new Set([
  ...[1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113],
  ...[115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556],
  ...[563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667],
  ...[6668, 6669, 6679, 6697, 10_080],
]);
const Port = z.coerce
  .number('must be a whole number')
  .int('must be a whole number')
  .min(1, 'must be 1 to 65535')
  .max(65_535, 'must be 1 to 65535')
  .refine((port) => !BAD_PORTS.has(port), { error: ({ input }) => `must not be ${input}, which browsers refuse to open` });
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
  /** Connections of each pool of a process. */
  DATABASE_POOL: given(Count.default(10)),
  /** Milliseconds that a worker may be silent; without it what suits the way to the database. */
  WORKER_LEASE_MS: given(Count.min(400, 'must be at least 400').optional()),
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
