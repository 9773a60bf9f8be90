import { join } from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's own engine is a download; ours is the same engine from npm. Set before Prisma looks for one, so that every
// `npx prisma` works without a network. `prisma generate` asks only that the file exists.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= join(import.meta.dirname, 'scripts', 'schema-engine.mjs');

export default defineConfig({
  schema: join('prisma', 'schema.prisma'),
  migrations: { path: join('prisma', 'migrations') },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
