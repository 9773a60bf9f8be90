import { useMemo, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import type { MergeChoices, Side } from '#lib/workflow/merge.ts';
import { ConflictRow } from './conflict-row.tsx';
import { ConflictSide } from './conflict-side.tsx';
import { useWorkflowDefinition } from './editor-context.ts';
import type { OpenConflict } from './use-autosave.ts';

interface ConflictDialogProps {
  readonly conflict: OpenConflict;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onChoose: (choices: MergeChoices) => void;
}

/** Both sides of a draft, on the canvas and field by field, and whose stands for each thing that both changed. */
export function ConflictDialog({ open, onOpenChange, ...rest }: ConflictDialogProps) {
  return (
    <Dialog
      size="wide"
      open={open}
      onOpenChange={onOpenChange}
      title="Which changes should stand?"
      description="Everything else of both sides is merged already."
    >
      <Choices {...rest} onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Choices({ conflict, onChoose, onCancel }: Omit<ConflictDialogProps, 'open' | 'onOpenChange'> & { readonly onCancel: () => void }) {
  const { base, theirs, conflicts } = conflict;
  const mine = useWorkflowDefinition();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Side>>(new Map());
  const marked = useMemo(() => new Set(conflicts.flatMap(({ id }) => id ?? [])), [conflicts]);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <ConflictSide label="Mine" base={base} side={mine} marked={marked} />
        <ConflictSide label="Theirs" base={base} side={theirs} marked={marked} />
      </div>
      <ul className="flex flex-col gap-3">
        {conflicts.map((one) => (
          <ConflictRow
            key={one.key}
            conflict={one}
            name={[...mine.steps, ...theirs.steps].find(({ id }) => id === one.id)?.name ?? null}
            side={chosen.get(one.key) ?? 'mine'}
            onChoose={(side) => setChosen(new Map([...chosen, [one.key, side]]))}
          />
        ))}
      </ul>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>Decide later</Button>
        <Button variant="primary" onClick={() => onChoose(new Map(conflicts.map(({ key }) => [key, chosen.get(key) ?? 'mine'])))}>
          Merge and save
        </Button>
      </div>
    </div>
  );
}
