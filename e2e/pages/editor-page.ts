import { expect, type Locator, type Page } from '@playwright/test';
import { RunPage } from './run-page.ts';
import { VersionsPage } from './versions-page.ts';

interface Place {
  /** Pixels from the canvas's upper left corner. */
  readonly x: number;
  readonly y: number;
}

/** The editor of one workflow: palette, canvas, inspector, and the bar above them. */
export class EditorPage {
  readonly page: Page;
  readonly canvas: Locator;
  readonly palette: Locator;
  readonly inspector: Locator;
  readonly cards: Locator;
  readonly edges: Locator;
  /** The way to the steps that are shown, while those of a loop are. */
  readonly openLoops: Locator;

  constructor(page: Page) {
    this.page = page;
    this.canvas = page.getByRole('group', { name: /^Canvas of / });
    this.palette = page.getByRole('complementary', { name: 'Step types' });
    this.inspector = page.getByRole('complementary', { name: 'Inspector' });
    this.cards = this.canvas.locator('[data-step-id]');
    this.openLoops = page.getByRole('navigation', { name: 'Loops that are open' });
    this.edges = this.canvas.locator('.react-flow__edge');
  }

  async open(workflowId: string) {
    await this.page.goto(`/workflows/${workflowId}`);
    await expect(this.canvas).toBeVisible();
  }

  /** Starts at the list of workflows, as a person does, and answers the id of the new one. */
  async createFromList(name: string): Promise<string> {
    await this.page.goto('/');
    await this.page.getByRole('button', { name: 'New', exact: true }).click();
    await this.page.waitForURL(/\/workflows\/wf_/);
    await expect(this.canvas).toBeVisible();
    await this.rename('Workflow name', name);
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? '';
  }

  /** Gives a text that is edited in place another value. */
  async rename(label: 'Workflow name' | 'Name of the step' | 'Id of the step', value: string) {
    await this.page.getByRole('button', { name: new RegExp(`^${label}: `) }).click();
    const input = this.page.getByRole('textbox', { name: label });
    await input.fill(value);
    await input.press('Enter');
    await expect(this.page.getByRole('button', { name: `${label}: ${value}. Rename` })).toBeVisible();
  }

  card(stepId: string): Locator {
    return this.canvas.locator(`[data-step-id="${stepId}"]`);
  }

  /** The focusable card with its place on the canvas. */
  node(stepId: string): Locator {
    return this.canvas.locator(`.react-flow__node[data-id="${stepId}"]`);
  }

  /** Where a card stands, as the browser computes it. */
  async placeOf(stepId: string): Promise<string> {
    return this.node(stepId).evaluate((element) => getComputedStyle(element).transform);
  }

  /** An edge, by the name it has for a screen reader. */
  edge(from: string, to: string, branch: string | null = null): Locator {
    const name = `From ${from} to ${to}${branch === null ? '' : `, branch ${branch}`}`;
    return this.canvas.getByLabel(name, { exact: true });
  }

  /** The handle that edges leave from: of a branch, or the plain one. */
  port(stepId: string, branch: string | null = null): Locator {
    return this.card(stepId).getByLabel(new RegExp(`^${branch ?? 'Output'} of `));
  }

  paletteRow(title: string): Locator {
    return this.palette.getByRole('button', { name: new RegExp(`^${title}\\b`) });
  }

  /** Drags a step type from the palette to a place of the canvas. */
  async addByDrag(title: string, place: Place) {
    const before = await this.cards.count();
    await this.paletteRow(title).dragTo(this.canvas, { targetPosition: place });
    await expect(this.cards).toHaveCount(before + 1);
  }

  /** Finds a step type in the palette by typing, and adds it with Enter: after the selected step where there is one. */
  async addByKeyboard(search: string) {
    const before = await this.cards.count();
    await this.page.keyboard.press('/');
    await expect(this.palette.getByRole('searchbox', { name: 'Search steps' })).toBeFocused();
    await this.page.keyboard.type(search);
    await this.page.keyboard.press('Enter');
    await expect(this.cards).toHaveCount(before + 1);
  }

  /** Lets an edge go over nothing and chooses what comes there. */
  async addAfter(stepId: string, branch: string | null, title: string) {
    const before = await this.cards.count();
    await this.port(stepId, branch).click();
    const picker = this.page.getByRole('dialog', { name: 'Choose a step' });
    await picker.getByRole('button', { name: new RegExp(`^${title}\\b`) }).click();
    await expect(this.cards).toHaveCount(before + 1);
  }

  /** Draws an edge with the mouse. */
  async connect(from: string, branch: string | null, to: string) {
    const before = await this.edges.count();
    await this.drawTo(from, branch, to);
    await this.page.mouse.up();
    await expect(this.edges).toHaveCount(before + 1);
  }

  /** Draws an edge up to a step's input and leaves the button pressed. */
  async drawTo(from: string, branch: string | null, to: string) {
    const target = this.card(to).getByLabel(/^Input of /);
    // Hovering waits until the canvas stands still.
    await target.hover();
    await this.port(from, branch).hover();
    const end = center(await target.boundingBox());
    await this.page.mouse.down();
    await this.page.mouse.move(end.x - 20, end.y, { steps: 8 });
    await this.page.mouse.move(end.x, end.y, { steps: 4 });
  }

  /** Drags a card by its name. */
  async dragCard(stepId: string, by: Place) {
    const handle = this.card(stepId).locator('.step-card__name');
    await handle.hover();
    const start = center(await handle.boundingBox());
    await this.page.mouse.down();
    await this.page.mouse.move(start.x + by.x / 2, start.y + by.y / 2, { steps: 6 });
    await this.page.mouse.move(start.x + by.x, start.y + by.y, { steps: 6 });
    await this.page.mouse.up();
  }

  async select(stepId: string) {
    await this.card(stepId).locator('.step-card__name').click();
    await expect(this.inspector.getByRole('button', { name: `Id of the step: ${stepId}. Rename` })).toBeVisible();
  }

  /** Selects nothing, so that the workflow's own settings show. */
  async deselect() {
    await this.canvas.click({ position: { x: 24, y: 24 } });
    await expect(this.inspector.getByRole('heading', { name: 'Workflow', exact: true })).toBeVisible();
  }

  async fit() {
    await this.canvas.getByRole('button', { name: 'Fit the whole graph' }).click();
  }

  async zoomOut() {
    await this.canvas.getByRole('button', { name: 'Zoom out' }).click();
  }

  async tidy() {
    await this.canvas.getByRole('button', { name: 'Tidy up' }).click();
  }

  /** Opens the steps inside of a loop on the canvas. */
  async openLoop(stepId: string) {
    await this.card(stepId).locator('.step-card__name').dblclick();
    await expect(this.openLoops).toContainText(stepId);
    await expect(this.card(stepId)).toHaveCount(0);
  }

  async leaveLoop() {
    await this.openLoops.getByRole('button', { name: 'Leave the loop' }).click();
    await expect(this.openLoops).toHaveCount(0);
  }

  field(label: string): Locator {
    return this.inspector.getByRole('textbox', { name: new RegExp(`^${label}(\\s*required)?$`) });
  }

  /** Writes into a field of the inspector. */
  async setField(label: string, value: string) {
    await this.field(label).fill(value);
  }

  async choose(label: string, option: string) {
    await this.inspector.getByRole('combobox', { name: new RegExp(`^${label}(\\s*required)?$`) }).click();
    await this.page.getByRole('option', { name: option, exact: true }).click();
  }

  /** Chooses one of the ways that a form offers, such as what a step waits for. */
  async chooseWay(label: string, way: string) {
    await this.inspector.getByRole('radiogroup', { name: label }).getByRole('radio', { name: way, exact: true }).click();
  }

  rule(title: string): Locator {
    return this.inspector.getByRole('region', { name: title, exact: true });
  }

  /** Gives the selected step a rule beyond the defaults. */
  async addRule(title: string) {
    await this.inspector.getByRole('tab', { name: 'Run rules' }).click();
    await this.inspector.getByRole('button', { name: 'Add rule' }).click();
    await this.page.getByRole('menuitem', { name: new RegExp(`^${title}\\b`) }).click();
    await expect(this.rule(title)).toBeVisible();
  }

  /** Adds a row of name and value, such as a header. `after` is how many rows the field has already. */
  async addRow(label: string, name: string, value: string, after = 0) {
    await this.inspector.getByRole('button', { name: `Add row to ${label}` }).click();
    await this.inspector
      .getByRole('textbox', { name: `Name in ${label}` })
      .nth(after)
      .fill(name);
    await this.setField(`Value of ${name}`, value);
  }

  async expectSaved() {
    await expect(this.page.getByRole('status').filter({ hasText: 'Draft saved' })).toBeVisible();
  }

  /** The newest version, as the bar's chip says. */
  async expectVersion(version: number) {
    await expect(this.page.getByRole('main').locator('header').first().getByText(`v${version}`, { exact: true })).toBeVisible();
  }

  async saveVersion(summary: string, version: number) {
    await this.page.getByRole('button', { name: 'Save version', exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Save a version?' });
    await dialog.getByLabel('Summary').fill(summary);
    await dialog.getByRole('button', { name: `Save version ${version}` }).click();
    await expect(dialog).toBeHidden();
    await this.expectVersion(version);
  }

  /** Runs the newest version with this input and answers the page of the run. */
  async run(input: object): Promise<RunPage> {
    await this.page.getByRole('button', { name: 'Run', exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: /^Run version \d+\?$/ });
    await dialog.getByRole('textbox', { name: 'Input' }).fill(JSON.stringify(input));
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    return new RunPage(this.page).arrived();
  }

  async openVersions(): Promise<VersionsPage> {
    await this.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Versions' }).click();
    return new VersionsPage(this.page).arrived();
  }
}

function center(box: { x: number; y: number; width: number; height: number } | null): { x: number; y: number } {
  if (box === null) throw new Error('It is not on the screen');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
