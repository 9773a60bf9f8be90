import { expect, it } from 'vitest';
import { idFromUuid, newId, uuidFromId, uuidv7 } from '#lib/base/ids.ts';

it('makes version 7 uuids that sort by the time they were made', () => {
  const made = Array.from({ length: 20_000 }, () => uuidv7());
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
  expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('keeps the order when the clock goes back', () => {
  const later = uuidv7(Date.now() + 60_000);
  expect(uuidv7() > later).toBe(true);
});

it('takes a wire id back to its uuid, and nothing else', () => {
  const id = newId('run');
  const uuid = uuidFromId('run', id);
  expect(uuid && idFromUuid('run', uuid)).toBe(id);
  for (const wrong of ['', 'run_', 'run_xyz', id.replace('run', 'wf'), `${id}0`, "run_' or 1=1 --", id.toUpperCase()]) {
    expect(uuidFromId('run', wrong)).toBeNull();
  }
});
