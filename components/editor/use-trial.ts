import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import type { RunOverlay } from '#components/graph/overlay.ts';
import { useRun } from '#components/runs/use-run.ts';
import { toastFailed } from '#components/ui/toast.tsx';
import type { Json } from '#lib/base/json.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { testsOptions } from '#lib/client/tests.ts';
import { cancelRun } from '#lib/contracts/run-control.ts';
import { deletePin, type Pin, putPin, startTest, type TestResult } from '#lib/contracts/trial.ts';
import { isFinal, type RunState } from '#lib/engine/state.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { freshSteps } from '#lib/workflow/fresh-results.ts';
import { useEditorParts, useWorkflowDefinition } from './editor-context.ts';
import { firstInput, rememberedInput, rememberInput } from './last-inputs.ts';
import { createTrialOverlay } from './trial-overlay.ts';
import type { DraftSaving } from './use-autosave.ts';

export interface TrialWish {
  /** The step that it is about; the whole draft without it. */
  readonly to?: string;
  readonly only?: boolean;
  /** Else the input of the last start. */
  readonly input?: Json;
}

/** Testing while building: what tests have shown, and what can be asked of them. */
export interface Trial {
  readonly pins: ReadonlyMap<string, Pin>;
  readonly results: ReadonlyMap<string, TestResult>;
  /** Ids of the steps whose result still holds. */
  readonly fresh: ReadonlySet<string>;
  readonly overlay: RunOverlay | null;
  /** The test under way or just ended. */
  readonly live: RunState | null;
  readonly running: boolean;
  /** Refused with an `ApiError`. */
  readonly begin: (wish: TrialWish) => Promise<void>;
  /** As `begin`, where nobody waits for the refusal: it is told at once, with the way to what is in the way. */
  readonly start: (wish: TrialWish) => void;
  readonly stop: () => void;
  readonly pin: (step: string, output: Json) => Promise<void>;
  readonly unpin: (step: string) => void;
  /** The step has another id: its pin goes with it. */
  readonly renamed: (from: string, to: string) => void;
}

export const TrialContext = createContext<Trial | null>(null);

export function useTrial(): Trial {
  const trial = useContext(TrialContext);
  if (trial === null) throw new Error('This component stands inside an editor');
  return trial;
}

const NONE: readonly never[] = [];

/** One for each open editor. A test goes on while one edits, and is found again after a reload. */
export function useNewTrial(saving: DraftSaving): Trial {
  const { store } = useEditorParts();
  const { workflowId } = store.getState();
  const definition = useWorkflowDefinition();
  const client = useQueryClient();
  const { data } = useQuery(testsOptions(workflowId));
  const [started, setStarted] = useState<string | null>(null);
  const runId = started ?? data?.live_run_id ?? null;
  const { live: followed } = useRun(runId);
  const live = followed?.state ?? null;
  // A draft that says `on_error: pause` leaves its test paused: there is nothing to wait for either.
  const ended = live !== null && (isFinal(live.status) || live.status === 'paused');
  const key = useMemo(() => testsOptions(workflowId).queryKey, [workflowId]);
  useEffect(() => {
    if (!ended) return;
    // The newest run, whose values expressions are tried on, is another one now.
    void client.invalidateQueries({ queryKey: ['runs', 'newest', workflowId] });
    void client.invalidateQueries({ queryKey: key }).then(() => setStarted((now) => (now === runId ? null : now)));
  }, [ended, client, key, runId, workflowId]);

  const results = useMemo(() => new Map((data?.results ?? NONE).map((result) => [result.step_id, result])), [data]);
  const pins = useMemo(() => new Map((data?.pins ?? NONE).map((pin) => [pin.step_id, pin])), [data]);
  const fresh = useMemo(() => holding(definition, results, pins), [definition, results, pins]);
  const [draw] = useState(createTrialOverlay);
  // The state is changed in place: `followed` is the new object for each change.
  const overlay = useMemo(() => draw({ results, fresh, live: followed?.state ?? null }), [draw, results, fresh, followed]);

  const { flush } = saving;
  const running = (started !== null || data?.live_run_id != null) && !ended;
  return useMemo((): Trial => {
    const again = () => client.invalidateQueries({ queryKey: key });
    const begin = async ({ to, only = false, input }: TrialWish) => {
      if (!(await flush())) throw unsaved();
      const present = store.getState().history.present;
      const given = input ?? rememberedInput(workflowId) ?? firstInput(present.input_schema);
      const body = { input_data: given, only, ...(to === undefined ? {} : { to_step: to }) };
      const { run_id } = await request(startTest, { params: { id: workflowId }, body });
      rememberInput(workflowId, given);
      setStarted(run_id);
    };
    const pin = async (step: string, output: Json) => {
      if (!(await flush())) throw unsaved();
      await request(putPin, { params: { id: workflowId, step_id: step }, body: { output } });
      await again();
    };
    const unpin = (step: string) => request(deletePin, { params: { id: workflowId, step_id: step } }).then(again);
    const told = (work: Promise<unknown>, retry?: TrialWish) =>
      void work.catch((cause: unknown) => {
        if (!(cause instanceof ApiError)) throw cause;
        const [fault] = cause.details;
        if (fault?.path.startsWith('/input_data')) return store.getState().show({ dialog: 'test' });
        const { to } = retry ?? {};
        if (fault?.code === 'no_result' && to !== undefined)
          return toastFailed(cause.message, { label: 'Run to here', run: () => told(begin({ to }), { to }) });
        const step = fault?.step;
        const there = present(step);
        toastFailed(
          cause.message,
          there ? { label: 'Show', run: () => store.getState().select({ steps: new Set([step ?? '']), edges: new Set() }) } : undefined,
        );
      });
    const present = (step: string | undefined) => store.getState().history.present.steps.some(({ id }) => id === step);
    return {
      ...{ pins, results, fresh, overlay, live, running, begin },
      start: (wish) => told(begin(wish), wish),
      stop() {
        if (runId !== null) told(request(cancelRun, { params: { run_id: runId }, body: {} }));
      },
      pin,
      unpin: (step) => told(unpin(step)),
      renamed(from, to) {
        const known = pins.get(from);
        if (known !== undefined) told(pin(to, known.output).then(() => unpin(from)));
      },
    };
  }, [client, key, flush, store, workflowId, pins, results, fresh, overlay, live, running, runId]);
}

/** Ids of the steps whose last result is what a test would show again: of a pinned step only what its pin gave. */
function holding(definition: Definition, results: Trial['results'], pins: Trial['pins']): ReadonlySet<string> {
  const known = new Map([...results].map(([id, result]) => [id, { ...result, endedAt: Date.parse(result.completed_at) }]));
  const pinnedAt = new Map([...pins].map(([id, pin]) => [id, Date.parse(pin.updated_at)]));
  const fresh = freshSteps(definition, known, pinnedAt);
  return new Set(
    [...fresh].filter((id) => !pinnedAt.has(id) || (known.get(id)?.pinned && (known.get(id)?.endedAt ?? 0) >= (pinnedAt.get(id) ?? 0))),
  );
}

function unsaved(): ApiError {
  return new ApiError('unavailable', 'The draft is not saved yet. Try again in a moment.', 0);
}
