import { beforeAll, describe, expect, test } from 'vitest';
import { buildFolder, buildPages, staleBuild } from '#scripts/build.mjs';
import { ensurePrismaClient } from '#scripts/generate.mjs';
import type { TrialReport } from './main.ts';
import { namespacesRefused } from './namespaces.ts';
import { runTrial } from './run-trial.ts';

/** One trial of an installation over several machines (`npm run cluster` by hand), and what it has to have kept. */
const refused = await namespacesRefused();
const TAKE_OVER_MS = 10_000;
let report: TrialReport;

describe.skipIf(refused !== null)(`two web processes and four workers, each in a network namespace of its own ${refused ?? ''}`, () => {
  beforeAll(async () => {
    await ensurePrismaClient();
    const stale = await staleBuild();
    if (stale) await buildPages(stale);
    report = await runTrial(buildFolder());
  }, 300_000);

  test('every run that was accepted ended as it should, and nothing ran that nobody asked for', () => {
    expect(report.broken.ended).toEqual([]);
    expect(report.counts.accepted).toBeGreaterThan(60);
  });

  test('checklist #78: no step acted again after its end was recorded, and each under one idempotency key', () => {
    expect(report.broken.effects).toEqual([]);
    expect(report.broken.journals).toEqual([]);
    // Each order acts eight times at least.
    expect(report.counts.requests).toBeGreaterThan(400);
  });

  test('checklist #79: another worker had the runs within 10 s of a kill -9, a cut cable and a power failure', () => {
    expect(report.faults.takeOvers.map(({ how }) => how).sort()).toEqual(['cut off from the database', 'kill -9', 'power lost']);
    for (const { runs, millis } of report.faults.takeOvers) {
      expect(runs).toBeGreaterThan(0);
      expect(millis).toBeLessThanOrEqual(TAKE_OVER_MS);
    }
  });

  test('a worker that was cut off past its lease found itself fenced when it came back, and ended', () => {
    expect(report.faults.fenced).toBe(75);
  });

  test('a limit was never overshot and always used, counted where its steps act', () => {
    expect(report.broken.limit).toEqual([]);
  });

  test('checklist #170: each due time of each schedule started one run, with all workers alive and while they were killed', () => {
    expect(report.broken.schedules).toEqual([]);
    expect(report.counts.fires).toBeGreaterThanOrEqual(320);
  });

  test('checklist #134, #136: readers that changed from web process to web process saw each event once, in order', () => {
    expect(report.broken.streams).toEqual([]);
    expect(report.streams.connections).toBeGreaterThan(report.streams.readers * 2);
  });

  test('a run that one web process started and a worker elsewhere drove was read to its end on the other web process', () => {
    expect(report.broken.across).toEqual([]);
  });
});
