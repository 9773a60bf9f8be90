'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileJson } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type DragEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { cn } from '#components/ui/cn.ts';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field } from '#components/ui/field.tsx';
import { Textarea } from '#components/ui/input.tsx';
import { plural } from '#lib/client/format.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { chooseFiles } from '../files/choose-files.ts';
import { type FileOutcome, FileReport } from '../files/file-report.tsx';
import { type NamedText, readFiles } from '../files/read-files.ts';
import { createImported, type Imported } from './create-imported.ts';

/** Makes workflows of files, of a drop or of pasted text, and says of each what became of it. */
export function ImportDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const [dragging, setDragging] = useState(false);
  const create = useMutation({
    mutationFn: async (files: readonly NamedText[]) => {
      const outcomes: { file: string; made: Imported }[] = [];
      // One after the other: they keep their order in the list.
      for (const found of await readFiles(files)) outcomes.push({ file: found.file, made: await createImported(found) });
      return outcomes;
    },
    onSuccess: (outcomes) => {
      const [only, more] = outcomes;
      if (only?.made.id != null && more === undefined && only.made.problems.length === 0) {
        onOpenChange(false);
        router.push(`/workflows/${only.made.id}`);
      }
      return queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
    },
  });

  function take(files: readonly NamedText[]) {
    if (files.length > 0 && !create.isPending) create.mutate(files);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setDragging(false);
    take([...event.dataTransfer.files]);
  }

  const outcomes = create.data?.map(outcomeOf) ?? null;
  const made = outcomes?.filter(({ result }) => result !== 'refused').length ?? 0;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="wide"
      title={outcomes === null ? 'Import workflows' : `Imported ${plural(made, 'workflow')}`}
      {...(outcomes === null ? { description: 'JSON or YAML files of workflows, or workflows of n8n. Several at once are fine.' } : {})}
      footer={
        outcomes === null ? (
          <Button
            variant="primary"
            disabled={text.trim() === ''}
            loading={create.isPending}
            onClick={() => take([{ name: 'Pasted text', text: async () => text }])}
          >
            Import
          </Button>
        ) : (
          <>
            <Button onClick={() => create.reset()}>Import more</Button>
            <Button variant="primary" onClick={() => onOpenChange(false)}>
              Done
            </Button>
          </>
        )
      }
    >
      {outcomes === null ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: a drop target beside the file button, which does the same
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setDragging(true);
          }}
          onDragLeave={() => setDragging(false)}
          onDrop={drop}
          className={cn('flex flex-col gap-3 rounded-control', dragging && 'outline-2 outline-accent outline-offset-4')}
        >
          <div className="flex items-center gap-3">
            <Button onClick={() => chooseFiles(take)} loading={create.isPending}>
              <FileJson className="size-4" aria-hidden />
              Choose files
            </Button>
            <span className="text-small text-text-3 max-sm:hidden">or drop them here</span>
          </div>
          <Field label="Definition" error={create.error?.message} help="Or paste JSON or YAML" reserve>
            {(control) => (
              <Textarea {...control} mono rows={10} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
            )}
          </Field>
        </div>
      ) : (
        <FileReport outcomes={outcomes} />
      )}
    </Dialog>
  );
}

function outcomeOf({ file, made }: { file: string; made: Imported }, at: number): FileOutcome {
  const { id, name, sentence, problems } = made;
  const link =
    id === null ? (
      `“${name}”`
    ) : (
      <Link href={`/workflows/${id}`} className="font-medium text-accent hover:text-accent-hover">
        {name}
      </Link>
    );
  return {
    key: `${at} ${file}`,
    file,
    result: id === null ? 'refused' : problems.length > 0 ? 'partly' : 'done',
    sentence: (
      <>
        {link} {sentence}
      </>
    ),
    problems,
  };
}
