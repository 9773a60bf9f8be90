import type { Page } from '@playwright/test';

interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly workspace: string;
}

/** The first visit, and signing in and out. */
export class SetupPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  heading() {
    return this.page.getByRole('heading', { name: 'Set up your workspace' });
  }

  signInButton() {
    return this.page.getByRole('button', { name: 'Sign in' });
  }

  async createOwner(person: Person) {
    await this.page.getByLabel('Your name').fill(person.name);
    await this.page.getByLabel('E-mail').fill(person.email);
    await this.page.getByLabel('Password').fill(person.password);
    await this.page.getByLabel('Workspace').fill(person.workspace);
    await this.page.getByRole('button', { name: 'Create workspace' }).click();
  }

  async signIn(email: string, password: string) {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.signInButton().click();
  }

  async signOut() {
    await this.page.goto(new URL('/settings', this.page.url()).href);
    await this.page.getByRole('region', { name: 'Account' }).getByRole('button', { name: 'Sign out' }).click();
  }
}
