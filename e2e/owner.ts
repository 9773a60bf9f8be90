/** Who owns the instance under test: the launcher made this person from its environment. */
export const OWNER = {
  email: process.env.WEFTLINE_OWNER_EMAIL ?? 'owner@example.test',
  password: process.env.WEFTLINE_OWNER_PASSWORD ?? 'correct-horse-battery',
} as const;

/** Where the signed-in session is kept between projects; the Playwright configuration names the same file. */
export const SESSION_FILE = '.tmp/e2e-session.json';

/** A second instance that nobody has set up yet; `npm test` starts one. */
export const FRESH_ORIGIN = process.env.E2E_FRESH_ORIGIN;
