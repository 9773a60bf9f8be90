'use client';

import { useQuery } from '@tanstack/react-query';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { Chip } from '#components/ui/chip.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { workflowOptions } from '#lib/client/workflows.ts';
import { TopBar } from './top-bar.tsx';
import { useTitle } from './use-title.ts';

interface WorkflowBarProps {
  readonly workflowId: string;
  /** Replaces the name, e.g. by an `EditableText` of the draft's name. */
  readonly title?: ReactNode;
  /** Replaces the version chip. */
  readonly chip?: ReactNode;
  readonly state?: ReactNode;
  readonly actions?: ReactNode;
}

/** The top bar of everything that belongs to one workflow: editor, runs, versions. */
export function WorkflowBar({ workflowId, title, chip, state, actions }: WorkflowBarProps) {
  const { data: workflow, isError } = useQuery(workflowOptions(workflowId));
  const base = `/workflows/${workflowId}`;
  const tabs = [
    { label: 'Editor', href: base },
    { label: 'Runs', href: `${base}/runs` },
    { label: 'Versions', href: `${base}/versions` },
    { label: 'Schedules', href: `${base}/schedules` },
    { label: 'Hooks', href: `${base}/hooks` },
  ];
  const path = usePathname();
  useTitle(workflow?.name, tabs.find((tab) => tab.href === path)?.label);
  const version = workflow && workflow.version > 0 ? <Chip mono>v{workflow.version}</Chip> : null;
  return (
    <TopBar
      crumbs={[{ label: 'Workflows', href: '/' }]}
      title={title ?? workflow?.name ?? (isError ? 'Unknown workflow' : <Skeleton className="h-4 w-32" />)}
      chip={chip ?? version}
      state={state}
      tabs={tabs}
      actions={actions}
    />
  );
}
