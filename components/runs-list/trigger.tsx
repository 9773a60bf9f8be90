import { Bell, CalendarClock, Code, FlaskConical, type LucideIcon, MousePointerClick, Webhook, Workflow, Zap } from 'lucide-react';
import { capitalize } from '#lib/client/format.ts';

/** What can start a run, in words and as an icon. */
export const TRIGGER_LOOK: Readonly<Record<string, { readonly word: string; readonly icon: LucideIcon }>> = {
  manual: { word: 'Manual', icon: MousePointerClick },
  api: { word: 'API', icon: Code },
  cron: { word: 'Schedule', icon: CalendarClock },
  event: { word: 'Event', icon: Bell },
  webhook: { word: 'Webhook', icon: Webhook },
  test: { word: 'Test', icon: FlaskConical },
  'sub-workflow': { word: 'Workflow', icon: Workflow },
};

/** Icon and word; a trigger that is not in the table keeps its own word. */
export function Trigger({ trigger }: { trigger: string }) {
  const look = Object.hasOwn(TRIGGER_LOOK, trigger) ? TRIGGER_LOOK[trigger] : undefined;
  const Icon = look?.icon ?? Zap;
  return (
    <span className="flex items-center gap-1.5 text-text-2">
      <Icon className="size-3" aria-hidden />
      {look?.word ?? capitalize(trigger)}
    </span>
  );
}
