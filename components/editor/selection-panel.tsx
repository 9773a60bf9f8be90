import { Copy, Link2, Trash2 } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import type { EditorActions } from './editor-actions.ts';
import { useEditor } from './editor-context.ts';

/** Several steps, or connections: what can be done to all of them. */
export function SelectionPanel({ actions }: { readonly actions: EditorActions }) {
  const { selection } = useEditor((state) => state);
  const steps = selection.steps.size;
  const edges = selection.edges.size;
  const parts = [counted(steps, 'step'), counted(edges, 'connection')].filter((part) => part !== '');
  return (
    <div className="flex flex-col gap-3 p-4">
      <h2 className="text-heading">{parts.join(', ')} selected</h2>
      <div className="flex flex-wrap gap-2">
        {steps > 0 && (
          <Button onClick={actions.duplicateSelection}>
            <Copy className="size-4" aria-hidden />
            Duplicate
          </Button>
        )}
        <Button onClick={() => actions.removeSelection(false)}>
          <Trash2 className="size-4" aria-hidden />
          Delete
        </Button>
        {steps > 0 && (
          <Button onClick={() => actions.removeSelection(true)}>
            <Link2 className="size-4" aria-hidden />
            Delete and connect around
          </Button>
        )}
      </div>
    </div>
  );
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
