import { expect, test } from 'vitest';
import { readRange, readTitles } from '#scripts/checklist.mjs';

test('titles name one row, several, or a range of them', () => {
  // Put together here, so that this file names no rows itself.
  const word = 'checklist';
  const text = `test('${word} #3: a', () => {}); test(\`${word} #5 #6: b \${c}\`); describe("${word} #8-#10: d"); // ${word} of rows`;
  expect(readTitles(text).map((one) => one.numbers)).toEqual([[3], [5, 6], [8, 9, 10]]);
  expect(readTitles(text)[0]?.title).toBe(`${word} #3: a`);
});

test('a range is asked for by its ends', () => {
  expect(readRange('163-165,170')).toEqual([163, 164, 165, 170]);
  expect(readRange('0,268,5')).toEqual([5]);
  expect(readRange(undefined)).toHaveLength(267);
});
