import { Copy, FastForward, PencilRuler, Power, PowerOff, Trash2 } from 'lucide-react';
import { useContext } from 'react';
import { CanvasEditingContext } from './canvas-editing.ts';

interface QuickBarProps {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly hasBody: boolean;
}

/** The small bar above a card, on hover and at selection. */
export function QuickBar({ id, name, enabled, hasBody }: QuickBarProps) {
  const editing = useContext(CanvasEditingContext);
  if (editing === null) return null;
  const Toggle = enabled ? PowerOff : Power;
  const actions = [
    ...(editing.runTo === undefined ? [] : [{ label: 'Run to here', Icon: FastForward, run: () => editing.runTo?.(id) }]),
    ...(hasBody ? [{ label: 'Edit steps', Icon: PencilRuler, run: () => editing.openBody(id) }] : []),
    { label: 'Duplicate', Icon: Copy, run: () => editing.duplicate(id) },
    { label: enabled ? 'Turn off' : 'Turn on', Icon: Toggle, run: () => editing.toggleEnabled(id) },
    { label: 'Delete', Icon: Trash2, run: () => editing.remove(id) },
  ];
  return (
    <div className="step-quick nodrag nopan">
      {actions.map(({ label, Icon, run }) => (
        <button
          key={label}
          type="button"
          tabIndex={-1}
          title={label}
          aria-label={`${label} ${name}`}
          onClick={(event) => {
            event.stopPropagation();
            run();
          }}
        >
          <Icon size={14} strokeWidth={1.5} aria-hidden />
        </button>
      ))}
    </div>
  );
}
