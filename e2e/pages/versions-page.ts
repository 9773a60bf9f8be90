import { expect, type Locator, type Page } from '@playwright/test';

/** The history of a workflow. */
export class VersionsPage {
  readonly page: Page;
  readonly history: Locator;
  readonly changes: Locator;
  readonly canvas: Locator;

  constructor(page: Page) {
    this.page = page;
    this.history = page.getByRole('list', { name: 'Versions' });
    this.changes = page.getByRole('complementary', { name: 'Changes' });
    this.canvas = page.getByRole('group', { name: /^Changes from version \d+ to version \d+$/ });
  }

  async open(workflowId: string): Promise<this> {
    await this.page.goto(`/workflows/${workflowId}/versions`);
    return this.arrived();
  }

  async arrived(): Promise<this> {
    await this.page.waitForURL(/\/versions/);
    await expect(this.history).toBeVisible();
    return this;
  }

  entry(version: number): Locator {
    return this.history.getByRole('listitem').filter({ has: this.page.getByText(`v${version}`, { exact: true }) });
  }

  card(stepId: string): Locator {
    return this.canvas.locator(`[data-step-id="${stepId}"]`);
  }

  /** One change of the list, such as `Changed: greet`. */
  change(name: string): Locator {
    return this.changes.getByRole('region', { name, exact: true });
  }

  /** Goes back to a version and waits for the editor of the new one. */
  async rollBack(version: number, makes: number) {
    await this.history.getByRole('button', { name: `Roll back to v${version}`, exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: `Roll back to v${version}?` });
    await expect(dialog).toContainText(`It becomes v${makes}, a copy of v${version}`);
    await dialog.getByRole('button', { name: `Roll back to v${version}`, exact: true }).click();
    await this.page.waitForURL(/\/workflows\/wf_[^/]+$/);
  }
}
