import { type CronTime, jitterOf, nextTime } from './schedule-time.ts';

/**
 * What a look at a schedule comes to: which due times start a run, which are passed over, when to look again. Pure; the
 * moment of the look is an argument, so that the database's clock can decide.
 */
export interface PlannedSchedule extends CronTime {
  readonly id: string;
  /** What to do with times that were missed: nothing, one run for all of them, or one run for each. */
  readonly catchUp: 'skip' | 'once' | 'all';
  /** Times missed by more than this are not caught up; milliseconds. */
  readonly catchUpWindow: number;
  readonly jitter: number;
}

export interface SchedulePlan {
  /** Due times to act on, oldest first. */
  readonly due: readonly number[];
  /** Due times that are passed over, as one entry: from the first to the last of them. */
  readonly passed: { readonly from: number; readonly until: number; readonly count: number } | null;
  /** The next due time and when to act on it, null where none will come. */
  readonly next: { readonly due: number; readonly at: number } | null;
}

/** Acted on so much later, in milliseconds, a time still counts as met and not as missed. */
const ON_TIME_MS = 60_000;
/** Times that one look goes through; the next look goes on. */
const MOST_TIMES = 1000;
/** Runs that one look starts to catch up. */
const MOST_CAUGHT_UP = 100;

/** Goes through the due times from `first` up to `now`. Several looks may be needed after a long time; each is bounded. */
export function planDue(schedule: PlannedSchedule, first: number, now: number): SchedulePlan {
  const found = timesUpTo(schedule, first, now);
  const split = found.more && schedule.catchUp !== 'all' ? { act: [], pass: found.times.map(dueOf) } : pick(schedule, found.times, now);
  const rest = split.left ?? found.following;
  return {
    due: split.act,
    passed: split.pass.length === 0 ? null : { from: split.pass[0] ?? first, until: split.pass.at(-1) ?? first, count: split.pass.length },
    next: rest === null ? null : { due: rest, at: momentOf(schedule, rest).at },
  };
}

/** The first due time after a moment, and when to act on it. */
export function firstDue(schedule: PlannedSchedule, after: number): { readonly due: number; readonly at: number } | null {
  const due = nextTime(schedule, after);
  return due === null ? null : { due, at: momentOf(schedule, due).at };
}

interface Moment {
  readonly due: number;
  /** The due time and its jitter. */
  readonly at: number;
  readonly following: number | null;
}

const dueOf = (moment: Moment): number => moment.due;

function momentOf(schedule: PlannedSchedule, due: number): Moment {
  const following = nextTime(schedule, due);
  return { due, at: due + jitterOf(schedule.id, due, schedule.jitter, following), following };
}

/** `following` is the first due time that is not in `times`. With `more`, it has come already. */
function timesUpTo(schedule: PlannedSchedule, first: number, now: number): { times: Moment[]; following: number | null; more: boolean } {
  const times: Moment[] = [];
  for (let due: number | null = first; due !== null; ) {
    const moment = momentOf(schedule, due);
    if (moment.at > now) return { times, following: due, more: false };
    if (times.length === MOST_TIMES) return { times, following: due, more: true };
    times.push(moment);
    due = moment.following;
  }
  return { times, following: null, more: false };
}

function pick(schedule: PlannedSchedule, times: readonly Moment[], now: number): { act: number[]; pass: number[]; left?: number } {
  // Jitter can bring two close together; then the newer one is the one that is met.
  const met = times.filter((time, index) => time.at > now - ON_TIME_MS && index === times.length - 1).map(dueOf);
  const missed = times.slice(0, times.length - met.length);
  const recent = missed.filter((time) => time.at >= now - schedule.catchUpWindow).map(dueOf);
  const old = missed.filter((time) => time.at < now - schedule.catchUpWindow).map(dueOf);
  switch (schedule.catchUp) {
    case 'skip':
      return { act: met, pass: missed.map(dueOf) };
    case 'once': {
      const last = met.length === 0 ? recent.at(-1) : undefined;
      return { act: last === undefined ? met : [last], pass: missed.map(dueOf).filter((due) => due !== last) };
    }
    case 'all': {
      const act = [...recent, ...met];
      const left = act[MOST_CAUGHT_UP];
      return { act: act.slice(0, MOST_CAUGHT_UP), pass: old, ...(left === undefined ? {} : { left }) };
    }
  }
}

/** What becomes of a due time while earlier runs of its schedule may still be under way. */
export const OVERLAP_POLICIES = ['allow', 'skip', 'queue', 'buffer_one', 'cancel_running'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

export interface OverlapPlan {
  readonly start: readonly number[];
  /** These wait until no run of the schedule is under way. */
  readonly wait: readonly number[];
  readonly skip: readonly number[];
  /** The runs under way are to be cancelled. */
  readonly cancel: boolean;
  /** Those that waited already are given up: only the newest counts. */
  readonly replaceWaiting: boolean;
}

/** Due times that may wait for earlier runs of one schedule; further ones are skipped. */
const MOST_WAITING = 1000;

/** `live` runs of the schedule are under way and `waiting` due times wait for them; `due` are further ones, oldest first. */
export function planOverlap(policy: OverlapPolicy, due: readonly number[], live: number, waiting: number): OverlapPlan {
  const plan = { start: [] as number[], wait: [] as number[], skip: [] as number[], cancel: false, replaceWaiting: false };
  if (due.length === 0) return plan;
  if (policy === 'allow') return { ...plan, start: due };
  const free = live === 0 && waiting === 0;
  if (policy === 'cancel_running') {
    const [newest, older] = [due.slice(-1), due.slice(0, -1)];
    return { ...plan, start: free ? newest : [], wait: free ? [] : newest, skip: older, cancel: live > 0, replaceWaiting: true };
  }
  const start = free ? due.slice(0, 1) : [];
  const rest = due.slice(start.length);
  const room = policy === 'skip' ? 0 : policy === 'buffer_one' ? 1 - waiting : MOST_WAITING - waiting;
  return { ...plan, start, wait: rest.slice(0, Math.max(0, room)), skip: rest.slice(Math.max(0, room)) };
}
