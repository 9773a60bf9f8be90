import { expect, type Locator, type Page } from '@playwright/test';

/** The page of one run, live or ended. */
export class RunPage {
  readonly page: Page;
  readonly bar: Locator;
  readonly canvas: Locator;
  readonly inspector: Locator;
  readonly log: Locator;

  constructor(page: Page) {
    this.page = page;
    this.bar = page.getByRole('main').locator('header').first();
    this.canvas = page.getByRole('group', { name: 'Steps of this run' });
    this.inspector = page.getByRole('complementary', { name: 'Inspector' });
    this.log = page.getByRole('log', { name: 'Events of this run' });
  }

  async open(runId: string): Promise<this> {
    await this.page.goto(`/runs/${runId}`);
    return this.arrived();
  }

  /** Waits until the graph of the run is drawn. */
  async arrived(): Promise<this> {
    await this.page.waitForURL(/\/runs\/run_/);
    await expect(this.canvas).toBeVisible();
    return this;
  }

  id(): string {
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? '';
  }

  card(stepId: string): Locator {
    return this.canvas.locator(`[data-step-id="${stepId}"]`);
  }

  /** An edge's line, whose looks say whether it was taken. */
  edge(from: string, to: string, branch: string | null = null): Locator {
    const name = `From ${from} to ${to}${branch === null ? '' : `, branch ${branch}`}`;
    return this.canvas.getByLabel(name, { exact: true }).locator('.react-flow__edge-path');
  }

  async expectStatus(status: string) {
    await expect(this.bar.getByText(status, { exact: true })).toBeVisible({ timeout: 20_000 });
  }

  async expectStep(stepId: string, status: 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'unreached') {
    await expect(this.card(stepId)).toHaveAttribute('data-status', status, { timeout: 20_000 });
  }

  async select(stepId: string) {
    await this.card(stepId).click();
    await expect(this.inspector.getByText(stepId, { exact: true })).toBeVisible();
  }

  section(title: 'Input' | 'Output' | 'Config' | 'Log'): Locator {
    return this.inspector.getByRole('region', { name: title, exact: true });
  }

  /** Approves a question that waits in the inspector. */
  async approve(question: string) {
    const waiting = this.inspector.getByRole('region', { name: 'Open decisions' }).getByRole('listitem').filter({ hasText: question });
    await waiting.getByRole('button', { name: 'Approve' }).click();
    await this.page.getByRole('dialog', { name: 'Approve?' }).getByRole('button', { name: 'Approve' }).click();
    await expect(waiting).toHaveCount(0);
  }

  /** The iterations of the selected loop, one row each. */
  iterations(): Locator {
    return this.inspector.getByRole('region', { name: 'Iterations' }).getByRole('button', { expanded: false });
  }

  /** Shows a step of one iteration of the selected loop. */
  async openInIteration(iteration: number, step: string) {
    await this.iterations().nth(iteration).click();
    await this.inspector.getByRole('region', { name: 'Iterations' }).getByRole('button', { name: step }).click();
    await expect(this.inspector.getByRole('heading', { name: step })).toBeVisible();
  }

  async runAgain() {
    const before = this.page.url();
    await this.page.getByRole('button', { name: 'Run again' }).click();
    await expect(this.page).not.toHaveURL(before);
    await this.arrived();
  }

  async openEditor() {
    await this.bar.getByRole('link', { name: 'Open editor' }).click();
    await this.page.waitForURL(/\/workflows\/wf_[^/]+$/);
  }
}
