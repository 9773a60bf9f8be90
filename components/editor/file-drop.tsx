import { Download, FileInput } from 'lucide-react';
import { type DragEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { type Command, useCommands } from '#components/shell/commands.ts';
import { useCan } from '#components/shell/session.tsx';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { toastFailed } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import type { FileFormat } from '#lib/workflow/definition-file.ts';
import { chooseFiles } from '../files/choose-files.ts';
import { FileReport } from '../files/file-report.tsx';
import { saveDefinition } from '../files/save-file.ts';
import { useEditorParts } from './editor-context.ts';
import { useFileImport } from './use-file-import.ts';

/** The canvas as a place where files are dropped, and the commands that do the same and write them. */
export function FileDrop({ children }: { readonly children: ReactNode }) {
  const { store } = useEditorParts();
  const mayWrite = useCan('workflows:write');
  const { outcomes, take, close } = useFileImport();
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  const commands = useMemo((): readonly Command[] => {
    const write = (format: FileFormat) => () =>
      void saveDefinition(store.getState().history.present, format).catch((thrown) => toastFailed(errorMessage(thrown)));
    const group = 'Editor';
    const read: Command = {
      id: 'editor.import',
      title: 'Import a file…',
      group,
      icon: FileInput,
      words: 'open json yaml n8n upload',
      run: () => chooseFiles((files) => void latest.current(files)),
    };
    return [
      ...(mayWrite ? [read] : []),
      { id: 'editor.export-json', title: 'Export as JSON', group, icon: Download, words: 'download file', run: write('json') },
      { id: 'editor.export-yaml', title: 'Export as YAML', group, icon: Download, words: 'download file', run: write('yaml') },
    ];
  }, [store, mayWrite]);
  useCommands(commands);

  function isFile(event: DragEvent): boolean {
    return mayWrite && event.dataTransfer.types.includes('Files');
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; the command “Import a file…” does the same by keyboard
    <div
      className="relative min-h-0 flex-1"
      onDragOver={(event) => {
        if (!isFile(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Element | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!isFile(event)) return;
        event.preventDefault();
        setOver(false);
        void take([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-2 z-10 grid place-items-center rounded-card border border-accent border-dashed bg-accent-tint">
          <span className="rounded-control bg-bg-3 px-3 py-1.5 text-body shadow-s2">Drop to import</span>
        </div>
      ) : null}
      <Dialog
        open={outcomes !== null}
        onOpenChange={close}
        size="wide"
        title="What was imported"
        footer={
          <Button variant="primary" onClick={close}>
            Done
          </Button>
        }
      >
        {outcomes === null ? null : <FileReport outcomes={outcomes} />}
      </Dialog>
    </div>
  );
}
