import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '#components/ui/icon-button.tsx';
import { NO_SELECTION } from '../graph/canvas-selection.ts';
import { useEditor } from './editor-context.ts';

/** The inspector on narrow screens: over the lower part of the canvas while something is selected, at 40 % or 92 %. */
export function InspectorSheet({ children }: { readonly children: React.ReactNode }) {
  const { selection, select } = useEditor((state) => state);
  const [tall, setTall] = useState(false);
  if (selection.steps.size + selection.edges.size === 0) return null;
  return (
    <section
      aria-label="Inspector"
      className="fixed inset-x-0 bottom-0 z-30 flex animate-sheet-up flex-col rounded-t-dialog border-line-1 border-t bg-bg-1 pb-[env(safe-area-inset-bottom)] shadow-s3"
      style={{ height: tall ? '92dvh' : '40dvh' }}
    >
      <div className="flex h-9 shrink-0 items-center justify-end gap-1 px-2">
        <IconButton icon={tall ? ChevronDown : ChevronUp} label={tall ? 'Lower' : 'Raise'} onClick={() => setTall(!tall)} />
        <IconButton icon={X} label="Close" onClick={() => select(NO_SELECTION)} />
      </div>
      {children}
    </section>
  );
}
