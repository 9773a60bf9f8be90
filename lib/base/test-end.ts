import { afterAll } from 'vitest';

const works: (() => unknown)[] = [];

// Registered while the test file is read: an `afterAll` that is registered later, by a hook, is never called.
afterAll(async () => {
  for (let work = works.pop(); work !== undefined; work = works.pop()) await work();
});

/** Does `work` after the last test of the file, the newest first. May be called anywhere: in hooks and in tests too. */
export function atEnd(work: () => unknown): void {
  works.push(work);
}
