import { expect, test } from 'vitest';
import { Wishes } from './wishes.ts';

test('checklist #112: a hint that comes before the driver of its run waits for it, once', () => {
  const asked: string[] = [];
  const runs = new Map<string, { askControl(): void }>();
  const wishes = new Wishes('me', runs);
  const arrives = (uuid: string): void => {
    runs.set(uuid, { askControl: () => asked.push(uuid) });
    wishes.begin(uuid);
  };
  wishes.hint('late');
  arrives('early');
  expect(asked).toEqual([]);
  arrives('late');
  expect(asked).toEqual(['late']);
  arrives('late');
  expect(asked).toEqual(['late']);
  wishes.hint('early');
  wishes.hint(null);
  expect(asked).toEqual(['late', 'early', 'early', 'late']);
});
