import { FastForward, FlaskConical, Pin, PinOff, Play, Square } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useEditorParts } from '#components/editor/editor-context.ts';
import type { Trial } from '#components/editor/use-trial.ts';
import { type Command, useCommands } from '#components/shell/commands.ts';
import { toastInfo } from '#components/ui/toast.tsx';
import { ApiError } from '#lib/client/request.ts';

/** Rows of the command table for testing while building. */
export function useTrialCommands(trial: Trial): void {
  const { store } = useEditorParts();
  // What a test tells changes with each frame; the rows of the table don't.
  const latest = useRef(trial);
  useEffect(() => {
    latest.current = trial;
  }, [trial]);
  const commands = useMemo((): readonly Command[] => {
    const now = () => latest.current;
    const selected = (): string | null => {
      const { selection, path } = store.getState();
      const [id, more] = selection.steps;
      // A step of a loop has no result of its own: the loop that is open on the outside is what can be tested.
      return path[0] ?? (more === undefined ? (id ?? null) : null);
    };
    const about = (work: (step: string) => void) => () => {
      const step = selected();
      if (step !== null) work(step);
    };
    const test = { group: 'Test' };
    const ready = () => !now().running && selected() !== null;
    return [
      {
        ...test,
        id: 'editor.test',
        title: 'Test run of the draft',
        keys: 'mod+shift+enter',
        icon: FlaskConical,
        words: 'try trial execute',
        whileTyping: true,
        run: () => store.getState().show({ dialog: 'test' }),
      },
      {
        ...test,
        id: 'test.to',
        title: 'Run to the selected step',
        keys: 'r',
        icon: FastForward,
        words: 'test try execute until here',
        enabled: ready,
        run: about((step) => now().start({ to: step })),
      },
      {
        ...test,
        id: 'test.only',
        title: 'Run the selected step alone',
        keys: 'shift+r',
        icon: Play,
        words: 'test try execute',
        enabled: ready,
        run: about((step) => now().start({ to: step, only: true })),
      },
      {
        ...test,
        id: 'test.pin',
        title: 'Pin the last output of the selected step',
        keys: 'shift+p',
        icon: Pin,
        words: 'mock freeze',
        enabled: () => !now().pins.has(selected() ?? '') && now().results.get(selected() ?? '')?.status === 'completed',
        run: about((step) => {
          const result = now().results.get(step);
          if (result === undefined || result.output_omitted) return store.getState().show({ inspectorTab: 'test' });
          now()
            .pin(step, result.output)
            .catch((cause: unknown) => {
              if (!(cause instanceof ApiError)) throw cause;
              toastInfo(cause.message);
            });
        }),
      },
      {
        ...test,
        id: 'test.unpin',
        title: 'Unpin the selected step',
        keys: 'shift+p',
        icon: PinOff,
        enabled: () => now().pins.has(selected() ?? ''),
        run: about((step) => now().unpin(step)),
      },
      {
        ...test,
        id: 'test.stop',
        title: 'Stop the test',
        icon: Square,
        words: 'cancel',
        enabled: () => now().running,
        run: () => now().stop(),
      },
    ];
  }, [store]);
  useCommands(commands);
}
