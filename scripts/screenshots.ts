/**
 * Draws every screen in light and dark at 1440 and 390 px into docs/screenshots. Run by hand against a running instance
 * that may be filled with examples (its owner and key are those of the environment it was started with):
 *
 *   WEFTLINE_OWNER_EMAIL=… WEFTLINE_OWNER_PASSWORD=… WEFTLINE_API_KEY=… node scripts/screenshots.ts http://127.0.0.1:3000
 *
 * The browser is CHROMIUM_PATH, /usr/bin/chromium by default. Screens of the first visit need an instance without an
 * owner: give its address as a second argument.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { type Examples, fillWithExamples } from './screenshot-examples.ts';

const FOLDER = join(import.meta.dirname, '..', 'docs', 'screenshots');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const THEMES = ['light', 'dark'] as const;
const SETTLE_MS = 600;

interface Shot {
  readonly name: string;
  /** Not drawn for phones, where it shows nothing new. */
  readonly wideOnly?: true;
  readonly open: (page: Page, examples: Examples, isNarrow: boolean) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'workflows', open: (page) => at(page, '/', 'tbody tr') },
  {
    name: 'editor',
    async open(page, { orders }, isNarrow) {
      await at(page, `/workflows/${orders}`, '[data-step-id]');
      if (!isNarrow) await page.locator('[data-step-id="large"] .step-card__name').click();
    },
  },
  {
    name: 'editor-problems',
    wideOnly: true,
    async open(page, { draft }) {
      await at(page, `/workflows/${draft}`, '[data-step-id]');
      await page.getByRole('button', { name: /\d (error|warning)/ }).click();
    },
  },
  { name: 'editor-empty', wideOnly: true, open: (page, { empty }) => at(page, `/workflows/${empty}`, '.canvas') },
  {
    name: 'save-version',
    wideOnly: true,
    async open(page, { changed }) {
      await at(page, `/workflows/${changed}`, '[data-step-id]');
      await page.keyboard.press('Control+s');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'versions', open: (page, { orders }) => at(page, `/workflows/${orders}/versions?a=1&b=3`, '[data-diff="changed"]') },
  { name: 'runs', open: (page) => at(page, '/runs', 'tbody tr') },
  { name: 'run-failed', open: (page, { failedRun }) => at(page, `/runs/${failedRun}`, '[data-status="failed"]') },
  {
    name: 'run-completed',
    async open(page, { completedRun }) {
      await at(page, `/runs/${completedRun}`, '[data-status="completed"]');
      await page.locator('[data-step-id="report"]').click();
    },
  },
  {
    name: 'run-live',
    async open(page, { startSlowRun }) {
      await at(page, `/runs/${await startSlowRun()}`, '[data-status="running"]');
    },
  },
  {
    name: 'run-loop',
    async open(page, { paidRun }, isNarrow) {
      await at(page, `/runs/${paidRun}`, '[data-status="completed"]');
      if (!isNarrow) await page.locator('[data-step-id="check"] .step-card__name').click();
    },
  },
  { name: 'run-waiting', open: (page, { waitingRun }) => at(page, `/runs/${waitingRun}`, '[data-status="waiting"]') },
  { name: 'approvals', open: (page) => at(page, '/approvals', 'main button') },
  { name: 'schedules', open: (page, { payments }) => at(page, `/workflows/${payments}/schedules`, 'tbody tr') },
  { name: 'hooks', wideOnly: true, open: (page, { payments }) => at(page, `/workflows/${payments}/hooks`, 'main button') },
  { name: 'templates', open: (page) => at(page, '/templates', 'main h2') },
  { name: 'template', open: (page) => at(page, '/templates/tpl_health_check', 'main form') },
  { name: 'settings', open: (page) => at(page, '/settings', 'tbody tr') },
  {
    name: 'command-palette',
    wideOnly: true,
    async open(page) {
      await at(page, '/', 'tbody tr');
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
    },
  },
];

const OPEN_SHOTS: readonly Shot[] = [{ name: 'login', open: (page) => at(page, '/login', 'form') }];
/** An instance that somebody has set up shows the sign-in there, which must not pass for it. */
const FIRST_VISIT: readonly Shot[] = [{ name: 'setup', open: (page) => at(page, '/setup', 'h1:text-is("Set up your workspace")') }];

async function at(page: Page, path: string, ready: string): Promise<void> {
  await page.goto(path);
  await page.locator(ready).first().waitFor({ state: 'visible' });
}

async function main(): Promise<void> {
  const [origin = 'http://127.0.0.1:3000', freshOrigin] = process.argv.slice(2);
  await mkdir(FOLDER, { recursive: true });
  const examples = await fillWithExamples(origin, setting('WEFTLINE_API_KEY'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const session = await signIn(browser, origin);
    for (const theme of THEMES) {
      for (const size of SIZES) {
        const look = { colorScheme: theme, viewport: size, timezoneId: 'UTC', locale: 'en-US', reducedMotion: 'reduce' } as const;
        const member = await browser.newContext({ ...look, baseURL: origin, storageState: session });
        await draw(member, SHOTS, examples, `${theme}-${size.width}`);
        const visitor = await browser.newContext({ ...look, baseURL: origin });
        await draw(visitor, OPEN_SHOTS, examples, `${theme}-${size.width}`);
        if (freshOrigin === undefined) continue;
        const first = await browser.newContext({ ...look, baseURL: freshOrigin });
        await draw(first, FIRST_VISIT, examples, `${theme}-${size.width}`);
      }
    }
  } finally {
    await browser.close();
  }
}

async function draw(context: BrowserContext, shots: readonly Shot[], examples: Examples, suffix: string): Promise<void> {
  const isNarrow = suffix.endsWith('390');
  for (const shot of shots) {
    if (isNarrow && shot.wideOnly === true) continue;
    const page = await context.newPage();
    await shot.open(page, examples, isNarrow);
    // Fonts, and what fades in.
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: join(FOLDER, `${shot.name}-${suffix}.png`), animations: 'disabled', caret: 'hide' });
    await page.close();
    process.stdout.write(`${shot.name}-${suffix}\n`);
  }
  await context.close();
}

async function signIn(browser: Browser, origin: string) {
  const context = await browser.newContext({ baseURL: origin });
  const page = await context.newPage();
  await page.goto('/login');
  await page.getByLabel('E-mail').fill(setting('WEFTLINE_OWNER_EMAIL'));
  await page.getByLabel('Password').fill(setting('WEFTLINE_OWNER_PASSWORD'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  const session = await context.storageState();
  await context.close();
  return session;
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`Set ${name} to what the instance was started with.`);
  return value;
}

await main();
