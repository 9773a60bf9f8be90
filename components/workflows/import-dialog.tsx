'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, FileJson } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type DragEvent, useRef, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { cn } from '#components/ui/cn.ts';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field } from '#components/ui/field.tsx';
import { Textarea } from '#components/ui/input.tsx';
import { plural } from '#lib/client/format.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { createWorkflow } from '#lib/contracts/workflows.ts';
import { readImport } from './read-import.ts';

/** Takes a definition from a file, a drop or the clipboard; with faults it can still come in as a draft. */
export function ImportDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const fileInput = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [dragging, setDragging] = useState(false);
  const read = readImport(text);
  const create = useMutation({
    mutationFn: (draft: boolean) => request(createWorkflow, { body: { definition: read.definition ?? null, draft } }),
    onSuccess: ({ id }) => {
      onOpenChange(false);
      router.push(`/workflows/${id}`);
      return queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
    },
  });
  const faults = create.error instanceof ApiError ? create.error.details : [];

  function take(next: string) {
    create.reset();
    setText(next);
  }

  async function takeFile(file: File | undefined) {
    if (file) take(await file.text());
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setDragging(false);
    void takeFile(event.dataTransfer.files[0]);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="wide"
      title="Import a workflow"
      description="A JSON file that was exported here, or any definition."
      footer={
        <>
          {faults.length > 0 ? (
            <Button onClick={() => create.mutate(true)} loading={create.isPending && create.variables}>
              Import as draft
            </Button>
          ) : null}
          <Button
            variant="primary"
            disabled={read.definition === null || faults.length > 0}
            loading={create.isPending && !create.variables}
            onClick={() => create.mutate(false)}
          >
            Import
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a drop target beside the file button, which does the same */}
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
          <Button onClick={() => fileInput.current?.click()}>
            <FileJson className="size-4" aria-hidden />
            Choose file
          </Button>
          <span className="text-small text-text-3 max-sm:hidden">or drop one here</span>
          <input
            ref={fileInput}
            type="file"
            accept="application/json,.json"
            aria-label="JSON file"
            tabIndex={-1}
            className="sr-only"
            onChange={(event) => {
              void takeFile(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
        </div>
        <Field label="Definition" error={read.error} help={read.summary ?? 'Or paste JSON'} reserve>
          {(control) => (
            <Textarea {...control} mono rows={10} spellCheck={false} value={text} onChange={(event) => take(event.target.value)} />
          )}
        </Field>
        {create.error ? (
          <div role="alert" className="text-small">
            <p className="flex gap-1.5 font-medium text-status-failed">
              <CircleAlert className="mt-0.5 size-3" aria-hidden />
              {faults.length > 0
                ? `${plural(faults.length, 'fault')} to mend first, or import it as a draft and mend it there`
                : create.error.message}
            </p>
            <ul className="mt-1 flex max-h-40 flex-col gap-0.5 overflow-y-auto">
              {faults.map((fault) => (
                <li key={`${fault.path} ${fault.code} ${fault.message}`} className="flex gap-2">
                  <code className="shrink-0 font-mono text-code-small text-text-3">{fault.path || '/'}</code>
                  <span>{fault.message}</span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
