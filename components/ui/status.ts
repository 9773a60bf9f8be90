import {
  Archive,
  Ban,
  CircleCheck,
  CircleDashed,
  CircleEllipsis,
  CircleMinus,
  CirclePause,
  CirclePlay,
  CircleX,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Undo2,
} from 'lucide-react';
import type { WorkflowStatus } from '#lib/contracts/workflows.ts';
import type { RunStatus, StepStatus } from '#lib/engine/events.ts';

/** The eight hues that mean a status, and nothing else. */
export type StatusTone = 'queued' | 'running' | 'waiting' | 'paused' | 'completed' | 'failed' | 'skipped' | 'cancelled';

export interface StatusLook {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly tone: StatusTone;
  /** The icon turns. */
  readonly turns?: true;
}

const QUEUED: StatusLook = { word: 'Queued', icon: CircleEllipsis, tone: 'queued' };
const PAUSED: StatusLook = { word: 'Paused', icon: CirclePause, tone: 'paused' };

/** What is shown as the status of a run or a step: one whose work was taken back is not shown as done. */
export type ShownStatus = RunStatus | StepStatus | 'undoing' | 'undone' | 'undo_failed';

const UNDO = { running: 'undoing', done: 'undone', failed: 'undo_failed' } as const;

/** What to show for a step. `undo` is how taking it back went, or goes; null where nobody did. */
export function shownStatus({ status, undo }: { readonly status: StepStatus; readonly undo: keyof typeof UNDO | null }): ShownStatus {
  return undo === null ? status : UNDO[undo];
}

/** How each status of a run or a step looks. */
export const RUN_LOOK: Readonly<Record<ShownStatus, StatusLook>> = {
  pending: { ...QUEUED, word: 'Pending' },
  queued: QUEUED,
  running: { word: 'Running', icon: LoaderCircle, tone: 'running', turns: true },
  waiting: { word: 'Waiting', icon: Hourglass, tone: 'waiting' },
  pausing: { ...PAUSED, word: 'Pausing' },
  paused: PAUSED,
  rolling_back: { word: 'Rolling back', icon: Undo2, tone: 'running' },
  completed: { word: 'Completed', icon: CircleCheck, tone: 'completed' },
  failed: { word: 'Failed', icon: CircleX, tone: 'failed' },
  skipped: { word: 'Skipped', icon: CircleDashed, tone: 'skipped' },
  cancelled: { word: 'Cancelled', icon: Ban, tone: 'cancelled' },
  undoing: { word: 'Undoing', icon: Undo2, tone: 'running' },
  undone: { word: 'Undone', icon: Undo2, tone: 'cancelled' },
  undo_failed: { word: 'Undo failed', icon: Undo2, tone: 'failed' },
};

/** How each status of a workflow looks. */
export const WORKFLOW_LOOK: Readonly<Record<WorkflowStatus, StatusLook>> = {
  // Not "Draft": beside a version number that reads as changes which nobody saved.
  draft: { word: 'Inactive', icon: CircleMinus, tone: 'queued' },
  active: { word: 'Active', icon: CirclePlay, tone: 'completed' },
  paused: PAUSED,
  archived: { word: 'Archived', icon: Archive, tone: 'cancelled' },
};

/** Class of the text and icon in a status hue. */
export const TONE_TEXT: Readonly<Record<StatusTone, string>> = {
  queued: 'text-status-queued',
  running: 'text-status-running',
  waiting: 'text-status-waiting',
  paused: 'text-status-paused',
  completed: 'text-status-completed',
  failed: 'text-status-failed',
  skipped: 'text-status-skipped',
  cancelled: 'text-status-cancelled',
};

/** Class of the ground under it: a tint, and for `skipped` a dashed outline instead. */
export const TONE_GROUND: Readonly<Record<StatusTone, string>> = {
  queued: 'bg-status-queued-tint',
  running: 'bg-status-running-tint',
  waiting: 'bg-status-waiting-tint',
  paused: 'bg-status-paused-tint',
  completed: 'bg-status-completed-tint',
  failed: 'bg-status-failed-tint',
  skipped: 'outline-1 -outline-offset-1 outline-dashed outline-line-3',
  cancelled: 'bg-status-cancelled-tint',
};

/** Class that fills a bar or tick in a status hue. */
export const TONE_FILL: Readonly<Record<StatusTone, string>> = {
  queued: 'bg-status-queued',
  running: 'bg-status-running',
  waiting: 'bg-status-waiting',
  paused: 'bg-status-paused',
  completed: 'bg-status-completed',
  failed: 'bg-status-failed',
  skipped: 'bg-status-skipped',
  cancelled: 'bg-status-cancelled',
};
