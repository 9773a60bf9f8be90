import type { SelectOption } from '#components/ui/select.tsx';
import type { Schedule, ScheduleFire } from '#lib/contracts/schedules.ts';

/** The policies in the words of the form. */
export const OVERLAP_OPTIONS: readonly SelectOption<Schedule['overlap']>[] = [
  { value: 'allow', label: 'Start another one' },
  { value: 'skip', label: 'Leave the time out' },
  { value: 'queue', label: 'Wait in line' },
  { value: 'buffer_one', label: 'Let one wait, leave further ones out' },
  { value: 'cancel_running', label: 'Cancel the earlier run' },
];

export const CATCH_UP_OPTIONS: readonly SelectOption<Schedule['catch_up']>[] = [
  { value: 'once', label: 'Start one run for all of them' },
  { value: 'skip', label: 'Leave them out' },
  { value: 'all', label: 'Start a run for each' },
];

export const WINDOW_OPTIONS: readonly SelectOption[] = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
];

export const JITTER_OPTIONS: readonly SelectOption[] = [
  { value: '0', label: 'On the minute' },
  { value: '30', label: 'Within 30 seconds after' },
  { value: '300', label: 'Within 5 minutes after' },
  { value: '1800', label: 'Within 30 minutes after' },
];

/** Offers a value that the list does not have, as it came from a program. */
export function withOwn(options: readonly SelectOption[], seconds: number): readonly SelectOption[] {
  const value = String(seconds);
  return options.some((option) => option.value === value) ? options : [...options, { value, label: `${seconds} seconds` }];
}

/** What became of a due time, where it has no run. */
export const OUTCOME_WORDS: Readonly<Record<ScheduleFire['outcome'], string>> = {
  started: 'Started',
  waiting: 'Waits for an earlier run',
  skipped: 'Left out',
  missed: 'Missed',
  inactive: 'Not active',
  refused: 'Refused',
};

/** Expressions to start from. */
export const CRON_PRESETS: readonly SelectOption[] = [
  { value: '*/15 * * * *', label: 'Every 15 minutes' },
  { value: '0 * * * *', label: 'Every hour' },
  { value: '0 9 * * *', label: 'Every day at 09:00' },
  { value: '0 9 * * mon-fri', label: 'Every weekday at 09:00' },
  { value: '0 9 * * mon', label: 'Every Monday at 09:00' },
  { value: '0 9 1 * *', label: 'The first of each month at 09:00' },
  { value: '0 18 L * *', label: 'The last of each month at 18:00' },
];
