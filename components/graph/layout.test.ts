import { describe, expect, it } from 'vitest';
import type { Step } from '#lib/workflow/definition.ts';
import { testCatalog } from '#lib/workflow/test-catalog.ts';
import { CARD_WIDTH } from './card-shape.ts';
import { freePlace, layoutKey, layoutSteps, resolvePositions } from './layout.ts';
import { stepInDirection } from './walk.ts';

const step = (id: string, ...depends_on: NonNullable<Step['depends_on']>): Step => ({ id, type: 'http_request', depends_on });

/*
 *          ┌─ up ───┐
 *   start ─┤        ├─ merge
 *          └─ down ─┘
 */
const diamond = [step('start'), step('up', 'start'), step('down', { step: 'start', branch: 'error' }), step('merge', 'up', 'down')];

describe('layout', () => {
  it('puts every step right of what it depends on, 96 apart, on the grid', () => {
    const at = layoutSteps(diamond, testCatalog);
    const x = (id: string) => at.get(id)?.x ?? Number.NaN;
    expect(x('up') - x('start')).toBe(CARD_WIDTH + 96);
    expect(x('merge') - x('up')).toBe(CARD_WIDTH + 96);
    expect([...at.values()].every((place) => place.x % 8 === 0 && place.y % 8 === 0)).toBe(true);
  });

  it('is called for anew when a card grows by a branch, and not by what is typed', () => {
    const choice = (...names: string[]): Step[] => [
      { id: 'choice', type: 'condition', config: { cases: names.map((name) => ({ name, when: 'a' })) } },
    ];
    const typed = choice('one', 'two').map((one) => ({ ...one, config: { ...one.config, expression: 'input.amount > 100' } }));
    expect(layoutKey(typed, testCatalog)).toBe(layoutKey(choice('one', 'two'), testCatalog));
    expect(layoutKey(choice('one', 'two', 'three'), testCatalog)).not.toBe(layoutKey(choice('one', 'two'), testCatalog));
  });

  it('puts the path of an error below', () => {
    const at = layoutSteps(diamond, testCatalog);
    expect(at.get('down')?.y).toBeGreaterThan(at.get('up')?.y ?? 0);
  });

  it('lays out thousands of steps without overlap, and survives a cycle', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      index === 0 ? step('s0') : step(`s${index}`, `s${Math.floor((index - 1) / 3)}`),
    );
    const at = layoutSteps([...many, step('x', 'y'), step('y', 'x')], testCatalog);
    expect(at.size).toBe(3002);
    expect(new Set([...at.values()].map((place) => `${place.x},${place.y}`)).size).toBe(3002);
  });

  it('keeps drawn positions and finds a free place for the others', () => {
    const placed = [{ ...step('a'), position: { x: 0, y: 0 } }, { ...step('b', 'a'), position: { x: 336, y: 0 } }, step('c', 'a')];
    const at = resolvePositions(placed, testCatalog);
    expect(at.get('a')).toEqual({ x: 0, y: 0 });
    expect(at.get('c')?.x).toBe(336);
    expect(at.get('c')?.y).toBeGreaterThanOrEqual(88);
  });

  it('moves a wished place down until it is free', () => {
    const taken = new Map([['a', { x: 0, y: 0 }]]);
    expect(freePlace({ x: 0, y: 0 }, taken)).toEqual({ x: 0, y: 88 });
    expect(freePlace({ x: 400, y: 3 }, taken)).toEqual({ x: 400, y: 0 });
  });
});

describe('walking with arrow keys', () => {
  const at = layoutSteps(diamond, testCatalog);
  it('follows edges left and right, and cards up and down', () => {
    expect(stepInDirection(diamond, at, 'up', 'right')).toBe('merge');
    expect(stepInDirection(diamond, at, 'up', 'left')).toBe('start');
    expect(stepInDirection(diamond, at, 'up', 'down')).toBe('down');
    expect(stepInDirection(diamond, at, 'down', 'up')).toBe('up');
    expect(stepInDirection(diamond, at, 'merge', 'right')).toBeNull();
  });
});
