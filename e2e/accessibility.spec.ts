import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { EditorPage } from './pages/editor-page.ts';
import { makeShowcase, type Showcase } from './showcase.ts';

const NARROW = { width: 390, height: 844 };

interface Screen {
  readonly name: string;
  readonly open: (page: Page, shown: Showcase) => Promise<void>;
}

const at = (name: string, path: (shown: Showcase) => string, ready: (page: Page) => Promise<void>): Screen => ({
  name,
  open: async (page, shown) => {
    await page.goto(path(shown));
    await ready(page);
  },
});
const heading = (name: RegExp) => (page: Page) => expect(page.getByRole('heading', { name })).toBeVisible();
const row = (page: Page) => expect(page.getByRole('row').nth(1)).toBeVisible();
const article = (page: Page) => expect(page.getByRole('article').first()).toBeVisible();
const card = (page: Page) => expect(page.locator('[data-step-id]').first()).toBeVisible();

const SCREENS: readonly Screen[] = [
  at('the list of workflows', () => '/', row),
  at('the editor', ({ workflow }) => `/workflows/${workflow}`, card),
  at('the runs of a workflow', ({ workflow }) => `/workflows/${workflow}/runs`, row),
  at('the versions', ({ workflow }) => `/workflows/${workflow}/versions`, card),
  at('the hooks of a workflow', ({ workflow }) => `/workflows/${workflow}/hooks`, article),
  at('the schedules of a workflow', ({ workflow }) => `/workflows/${workflow}/schedules`, row),
  at('all runs', () => '/runs', row),
  at('the approvals', () => '/approvals', article),
  at('all schedules', () => '/schedules', row),
  at('all hooks', () => '/hooks', article),
  at('a run that completed', ({ completedRun }) => `/runs/${completedRun}`, card),
  at(
    'a run that failed',
    ({ failedRun }) => `/runs/${failedRun}`,
    (page) => expect(page.getByText('HTTP_STATUS').filter({ visible: true }).first()).toBeVisible(),
  ),
  at('the template gallery', () => '/templates', heading(/^Templates/)),
  at(
    'a template',
    () => '/templates/tpl_sync_paged_api',
    (page) => expect(page.getByRole('heading', { name: 'Install' })).toBeVisible(),
  ),
  // The audit log is the section that comes last: when it is there, everything is.
  at(
    'the settings',
    () => '/settings',
    (page) => expect(page.getByRole('table', { name: 'Audit log' }).getByRole('row').nth(1)).toBeVisible(),
  ),
  at(
    'an address where nothing is',
    () => '/nothing/here',
    (page) => expect(page.getByRole('heading').first()).toBeVisible(),
  ),
];

/** The dialog that a button of a page opens. */
const form = (name: string, path: (shown: Showcase) => string, button: string): Screen => ({
  name: `the form of ${name}`,
  open: async (page, shown) => {
    await page.goto(path(shown));
    await page.getByRole('button', { name: button }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
});

/** Screens over screens; only where there is room for a keyboard. */
const OVERLAYS: readonly Screen[] = [
  {
    name: 'the editor with a step selected and its problems',
    open: async (page, { workflow }) => {
      const editor = new EditorPage(page);
      await editor.open(workflow);
      await editor.select('fetch');
      await page.getByRole('button', { name: /^(No problems|\d+ (warning|error))/ }).click();
    },
  },
  {
    name: 'an empty canvas',
    open: async (page, { emptyDraft }) => {
      await page.goto(`/workflows/${emptyDraft}`);
      await expect(page.getByText('Add the first step')).toBeVisible();
    },
  },
  {
    name: 'the question for the input of a run',
    open: async (page, { workflow }) => {
      await new EditorPage(page).open(workflow);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'the command palette',
    open: async (page) => {
      await page.goto('/');
      await row(page);
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  form('a new key', () => '/settings', 'New key'),
  form('a new secret', () => '/settings', 'New secret'),
  form('a new agent', () => '/settings', 'New agent'),
  form('a new hook', () => '/hooks', 'New hook'),
  form('a new schedule', () => '/schedules', 'New schedule'),
  form('how long runs are kept', ({ workflow }) => `/workflows/${workflow}/runs`, 'Keep runs…'),
  form('a decision', () => '/approvals', 'Approve'),
];

// A page that is not there answers 404, which the browser reports.
test.use({ provokedErrors: [/status of 404/] });

let shown: Showcase;

test.beforeAll(async ({ playwright, baseURL }) => {
  shown = await makeShowcase(playwright, baseURL ?? '');
});

// Each screen is opened once and then shown in both themes and both widths: opening it takes longer than judging it.
for (const screen of SCREENS) {
  test(`everybody can use ${screen.name}, in both themes, also on a phone, where it does not scroll sideways`, async ({ page }) => {
    await screen.open(page, shown);
    await expectNoBarriers(page);
    await page.setViewportSize(NARROW);
    await expectNoBarriers(page);
    await expect.poll(() => overflow(page)).toEqual([]);
  });
}

for (const screen of OVERLAYS) {
  test(`everybody can use ${screen.name}, in both themes`, async ({ page }) => {
    await screen.open(page, shown);
    await expectNoBarriers(page);
  });
}

test.describe('before signing in', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('everybody can use sign-in, in both themes, also on a phone', async ({ page }) => {
    await page.goto('/login');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await expectNoBarriers(page);
    await page.setViewportSize(NARROW);
    await expectNoBarriers(page);
    await expect.poll(() => overflow(page)).toEqual([]);
  });
});

/** As it stands, and in the other theme. */
async function expectNoBarriers(page: Page) {
  await expectNoBarrier(page);
  const before = await ground(page);
  const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  await page.emulateMedia({ colorScheme: isDark ? 'light' : 'dark' });
  await expect.poll(() => ground(page)).not.toBe(before);
  await expectNoBarrier(page);
}

function ground(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

async function expectNoBarrier(page: Page) {
  // What fades in is judged when it has arrived.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join('; ')}`);
  expect(serious).toEqual([]);
}

/** What is wider than the screen and would make the page, or a whole region of it, scroll sideways. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const regions = [document.documentElement, document.body, ...document.querySelectorAll('main, main > div')];
    return regions
      .filter((element) => element.scrollWidth > Math.max(element.clientWidth, 0) + 1 || element.scrollWidth > window.innerWidth)
      .map((element) => `${element.tagName} ${element.className}: ${element.scrollWidth} px`);
  });
}
