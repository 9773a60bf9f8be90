import { defineConfig } from '@playwright/test';

// `npm test` starts the instance under test and finds the browser; run alone against one that you started:
// E2E_ORIGIN=http://127.0.0.1:3000 npx playwright test
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Where the first project leaves the owner's session for the others. */
const session = '.tmp/e2e-session.json';

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'set-up', testMatch: 'set-up.spec.ts' },
    { name: 'journeys', testMatch: '*.spec.ts', testIgnore: 'set-up.spec.ts', dependencies: ['set-up'], use: { storageState: session } },
  ],
  outputDir: 'test-results',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['line'], ['json']] : [['list']],
  use: {
    baseURL: process.env.E2E_ORIGIN ?? 'http://127.0.0.1:3000',
    actionTimeout: 15_000,
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      // Chromium refuses its own sandbox to root, and containers have a small /dev/shm.
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu'],
    },
  },
});
