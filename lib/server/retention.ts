import type { z } from 'zod';
import { parseDuration } from '#lib/base/duration.ts';
import type { Retention } from '#lib/contracts/retention.ts';
import type { RunRetention } from '#lib/db/create-runs.ts';

/** How long ended runs are kept, in seconds as the database counts it. */
export function retentionSeconds({ success, error }: z.infer<typeof Retention>): RunRetention {
  return { success: secondsOf(success), error: secondsOf(error) };
}

function secondsOf(duration: string | number | null): number | null {
  const millis = duration === null ? null : parseDuration(duration);
  return millis === null ? null : millis / 1000;
}
