import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('slots', () => {
  it('give those that wake the first free one, in the order in which they asked', () => {
    let freed = 0;
    const slots = new Slots(1, () => freed++);
    const woken: string[] = [];
    slots.take(1);
    const second = () => void woken.push('second');
    slots.ask(() => void woken.push('first'));
    slots.ask(second);
    expect(slots.free).toBe(0);
    slots.giveBack();
    expect(woken).toEqual(['first']);
    expect(slots.used).toBe(1);
    expect(slots.forget(second)).toBe(true);
    expect(slots.forget(second)).toBe(false);
    slots.giveBack();
    expect([slots.free, slots.used, freed]).toEqual([1, 0, 1]);
  });

  it('come back several at a time: those that ask get theirs, one word tells of the rest', () => {
    let freed = 0;
    const slots = new Slots(4, () => freed++);
    let woken = 0;
    slots.take(4);
    slots.ask(() => woken++);
    slots.giveBack(3);
    expect([woken, slots.free, slots.used, freed]).toEqual([1, 2, 2, 1]);
    slots.giveBack(0);
    expect([slots.free, freed]).toEqual([2, 1]);
  });

  it('let a sleeper through at once while there are free ones', () => {
    const slots = new Slots(2, () => {});
    let woken = 0;
    slots.ask(() => woken++);
    expect([woken, slots.free]).toEqual([1, 1]);
  });
});
