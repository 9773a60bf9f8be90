import {
  Bot,
  Braces,
  CircleHelp,
  Clock,
  Code,
  FileText,
  Filter,
  GitBranch,
  Globe,
  Hourglass,
  ListChecks,
  type LucideIcon,
  Repeat,
  Send,
  Shuffle,
  Split,
  SquareTerminal,
  Terminal,
  Timer,
  UserCheck,
  Webhook,
  Workflow,
} from 'lucide-react';

/** Icons that step types may name. A closed list, so that the bundle holds these and not the whole set. */
const ICONS: Readonly<Record<string, LucideIcon>> = {
  bot: Bot,
  braces: Braces,
  clock: Clock,
  code: Code,
  'file-text': FileText,
  filter: Filter,
  funnel: Filter,
  'git-branch': GitBranch,
  globe: Globe,
  hourglass: Hourglass,
  'list-checks': ListChecks,
  repeat: Repeat,
  send: Send,
  shuffle: Shuffle,
  split: Split,
  'square-terminal': SquareTerminal,
  terminal: Terminal,
  timer: Timer,
  'user-check': UserCheck,
  webhook: Webhook,
  workflow: Workflow,
};

interface StepIconProps {
  /** The lucide name a step type gives. */
  readonly name: string;
  readonly size?: number;
}

/** Icon of a step type, in the text's colour. */
export function StepIcon({ name, size = 16 }: StepIconProps) {
  const Icon = ICONS[name] ?? CircleHelp;
  return <Icon size={size} strokeWidth={1.5} aria-hidden />;
}
