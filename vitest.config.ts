import { defineConfig } from 'vitest/config';

const everywhere = ['lib', 'components', 'worker', 'server', 'scripts', 'bench', 'app'];
const skipped = ['**/node_modules/**', '**/.next*/**', '**/.tmp/**', 'lib/db/generated/**'];

/** `vitest run --project unit` needs nothing; the database project starts its own throw-away PostgreSQL. */
export default defineConfig({
  test: {
    // Two cores: more processes only wait for each other.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: everywhere.map((room) => `${room}/**/*.test.{ts,tsx}`),
          exclude: [...skipped, '**/*.db.test.ts', '**/*.cluster.test.ts'],
          env: { LOG_LEVEL: 'silent' },
        },
      },
      {
        test: {
          name: 'database',
          include: everywhere.map((room) => `${room}/**/*.db.test.ts`),
          exclude: skipped,
          globalSetup: ['scripts/database-setup.ts'],
          env: { LOG_LEVEL: 'silent' },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Needs built pages, and namespaces of the system; see bench/cluster.
        test: {
          name: 'cluster',
          include: ['bench/**/*.cluster.test.ts'],
          exclude: skipped,
          env: { NEXT_DIST_DIR: '.next-test' },
        },
      },
    ],
  },
});
