'use client';

import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WorkflowStatus } from '#lib/contracts/workflows.ts';
import { cn } from './cn.ts';
import { RUN_LOOK, type ShownStatus, type StatusLook, TONE_GROUND, TONE_TEXT, WORKFLOW_LOOK } from './status.ts';

const chipLook = 'inline-flex h-5 shrink-0 items-center gap-1 whitespace-nowrap rounded-chip px-1.5 font-medium text-small';

/** A small neutral label: a version, a tag, a trigger. */
export function Chip({ icon: Icon, children, mono = false, className }: ChipProps) {
  return (
    <span className={cn(chipLook, 'bg-active text-text-1', mono && 'font-mono font-normal text-code-small', className)}>
      {Icon ? <Icon className="size-3" aria-hidden /> : null}
      {children}
    </span>
  );
}

interface ChipProps {
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
  readonly mono?: boolean;
  readonly className?: string;
}

/** Icon and word of a run's or a step's status. */
export function StatusChip({ status, className }: { status: ShownStatus; className?: string }) {
  return <LookChip look={RUN_LOOK[status]} {...(className ? { className } : {})} />;
}

/** Icon and word of a workflow's status. */
export function WorkflowStatusChip({ status, className }: { status: WorkflowStatus; className?: string }) {
  return <LookChip look={WORKFLOW_LOOK[status]} {...(className ? { className } : {})} />;
}

function LookChip({ look, className }: { look: StatusLook; className?: string }) {
  return (
    <span className={cn(chipLook, TONE_TEXT[look.tone], TONE_GROUND[look.tone], className)}>
      <look.icon className={cn('size-3', look.turns && 'spinner')} aria-hidden />
      {look.word}
    </span>
  );
}

/** The status icon alone, where the word stands beside it or in its name. */
export function StatusIcon({ status, named = true, className }: { status: ShownStatus; named?: boolean; className?: string }) {
  const look = RUN_LOOK[status];
  const name = named ? { role: 'img', 'aria-label': look.word } : { 'aria-hidden': true };
  return <look.icon className={cn('size-4', TONE_TEXT[look.tone], look.turns && 'spinner', className)} {...name} />;
}
