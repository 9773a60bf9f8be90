import { CornerLeftUp } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import { selectStep } from '../graph/canvas-selection.ts';
import { useEditor } from './editor-context.ts';

/** Inside of a loop while none of its steps is selected: what the canvas shows, and the way to the loop's own settings. */
export function BodyPanel() {
  const { path, enter, select } = useEditor((state) => state);
  const loop = path.at(-1);
  if (loop === undefined) return null;
  return (
    <div className="flex min-h-0 flex-1 flex-col items-start gap-3 overflow-y-auto p-4">
      <h2 className="text-heading">Steps of {loop}</h2>
      <p className="text-body text-text-2">
        They run once for each iteration. They read <code className="font-mono text-code text-text-1">item</code> and{' '}
        <code className="font-mono text-code text-text-1">index</code>, each other, and everything before the loop.
      </p>
      <Button
        onClick={() => {
          enter(path.slice(0, -1));
          select(selectStep(loop));
        }}
      >
        <CornerLeftUp className="size-4" aria-hidden />
        Settings of the loop
      </Button>
    </div>
  );
}
