import { readFile } from 'node:fs/promises';
import type { Machine } from './machine.ts';
import { type Result, resultsOf, type Sample } from './rows.ts';

/** What a run of the benchmark keeps. Everything else (results, table, chart) is made of the samples. */
export interface Kept {
  readonly at: string;
  readonly source: string;
  readonly machine: Machine;
  readonly mode: 'full' | 'quick';
  readonly rounds: number;
  readonly seconds: number;
  readonly samples: readonly Sample[];
}

export async function readKept(file: string): Promise<Kept> {
  return JSON.parse(await readFile(file, 'utf8')) as Kept;
}

/**
 * Several files as one, for a run that was made in parts. Of a row that more than one part has (the machine's own limits),
 * all samples count. Throws where they are of different sources or machines: their figures would not belong together.
 */
export function joined(parts: readonly Kept[]): Kept {
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error('There is nothing to report');
  for (const part of rest) {
    if (part.source !== first.source) throw new Error(`One part measured ${first.source}, another ${part.source}`);
    if (JSON.stringify(part.machine) !== JSON.stringify(first.machine)) throw new Error('The parts are of different machines');
  }
  return {
    ...first,
    at:
      parts
        .map((part) => part.at)
        .toSorted()
        .at(-1) ?? first.at,
    mode: parts.every((part) => part.mode === 'full') ? 'full' : 'quick',
    rounds: Math.min(...parts.map((part) => part.rounds)),
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    samples: parts.flatMap((part) => part.samples),
  };
}

export function resultsIn(kept: Kept): Result[] {
  return resultsOf(kept.samples);
}

/** One line for each sample, so that two files can be compared. */
export function keptText({ samples, ...rest }: Kept): string {
  const digits = (value: number): number => Number(value.toPrecision(5));
  const lines = samples.map(({ row, value, ratio }) =>
    JSON.stringify({ row, value: digits(value), ...(ratio === undefined ? {} : { ratio: digits(ratio) }) }),
  );
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return `${head},\n  "samples": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
}
