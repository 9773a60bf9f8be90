import { Activity, CalendarClock, LayoutTemplate, type LucideIcon, Settings, UserCheck, Webhook, Workflow } from 'lucide-react';

export interface Destination {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys: string;
  /** On narrow screens it stands under More. */
  readonly isMore?: boolean;
}

/** The destination that shows how much waits there. */
export const APPROVALS_HREF = '/approvals';

/** The pages of the rail, of the bottom bar and of the palette. */
export const MAIN_DESTINATIONS: readonly Destination[] = [
  { href: '/', label: 'Workflows', icon: Workflow, keys: 'g w' },
  { href: '/runs', label: 'Runs', icon: Activity, keys: 'g r' },
  { href: APPROVALS_HREF, label: 'Approvals', icon: UserCheck, keys: 'g a' },
  { href: '/schedules', label: 'Schedules', icon: CalendarClock, keys: 'g c', isMore: true },
  { href: '/templates', label: 'Templates', icon: LayoutTemplate, keys: 'g t' },
  { href: '/hooks', label: 'Hooks', icon: Webhook, keys: 'g h', isMore: true },
];

export const SETTINGS: Destination = { href: '/settings', label: 'Settings', icon: Settings, keys: 'g s' };

/** Whether a path lies under a destination; a workflow's own pages belong to Workflows. */
export function isUnder(path: string, href: string): boolean {
  if (href === '/') return path === '/' || path.startsWith('/workflows');
  return path === href || path.startsWith(`${href}/`);
}

/** Pages that are a canvas: the rail starts folded there. */
export function isCanvasPath(path: string): boolean {
  return /^\/workflows\/[^/]+(\/versions)?$/.test(path) || /^\/runs\/[^/]+$/.test(path);
}
