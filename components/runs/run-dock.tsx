'use client';

import { type ReactNode, useState } from 'react';
import { TabPanel, Tabs } from '#components/ui/tabs.tsx';
import type { RunEvent } from '#lib/engine/events.ts';
import { EventLog } from './event-log.tsx';
import { RunLogs } from './run-logs.tsx';

interface RunDockProps {
  readonly events: readonly RunEvent[];
  readonly selected: string | null;
  readonly onSelectStep: (stepId: string) => void;
  /** On narrow screens the inspector is a tab of the dock. */
  readonly children?: ReactNode;
}

type View = 'details' | 'events' | 'logs';

/** Below the canvas: every event, and what the steps wrote. */
export function RunDock({ events, selected, onSelectStep, children }: RunDockProps) {
  const [view, setView] = useState<View>(children ? 'details' : 'events');
  const items = [
    ...(children ? [{ value: 'details' as const, label: 'Details' }] : []),
    { value: 'events' as const, label: 'Events', count: events.length },
    { value: 'logs' as const, label: 'Logs' },
  ];
  return (
    <Tabs items={items} value={view} onValueChange={setView} label="Views of this run" className="h-full">
      {children ? (
        <TabPanel value="details" className="overflow-y-auto">
          {children}
        </TabPanel>
      ) : null}
      <TabPanel value="events">
        <EventLog events={events} selected={selected} onSelectStep={onSelectStep} />
      </TabPanel>
      <TabPanel value="logs">
        <RunLogs events={events} stepId={selected} />
      </TabPanel>
    </Tabs>
  );
}
