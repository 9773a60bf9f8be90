'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { JsonField } from '#components/form/json-field.tsx';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import { request } from '#lib/client/request.ts';
import { bodyOf, planOptions } from '#lib/client/run-control.ts';
import { forkRun } from '#lib/contracts/run-control.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { OutputChanges } from './output-changes.tsx';
import { PlanLists } from './plan-lists.tsx';
import { VersionChoice } from './version-choice.tsx';

interface ForkDialogProps {
  readonly run: Run;
  /** Null: everything runs, with another input. */
  readonly fromStep: string | null;
  readonly onClose: () => void;
}

/** Starts a new run from any step of this one, with another input or other outputs of the steps before. */
export function ForkDialog({ run, fromStep, onClose }: ForkDialogProps) {
  const router = useRouter();
  const [version, setVersion] = useState<number | null>(null);
  const [input, setInput] = useState<Json>(run.input);
  const [outputs, setOutputs] = useState<ReadonlyMap<string, Json>>(new Map());
  const [unreadable, setUnreadable] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const plan = useQuery(planOptions({ runId: run.id, kind: 'fork', fromStep, version }));
  const readable = (name: string, is: boolean) =>
    setUnreadable((before) =>
      before.has(name) === !is ? before : new Set(is ? [...before].filter((one) => one !== name) : [...before, name]),
    );

  async function go() {
    setBusy(true);
    setRefusal(null);
    try {
      const body = { ...bodyOf(fromStep, version), input_data: input, step_outputs: Object.fromEntries(outputs) };
      const { run_id } = await request(forkRun, { params: { run_id: run.id }, body });
      onClose();
      router.push(`/runs/${run_id}`);
    } catch (thrown) {
      setBusy(false);
      setRefusal(errorMessage(thrown));
    }
  }

  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => !open && onClose()}
      title={fromStep === null ? 'Run again with another input?' : `Fork from ${fromStep}?`}
      description="A new run; this one stays as it is."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" loading={busy} disabled={plan.data === undefined || unreadable.size > 0} onClick={go}>
            {fromStep === null ? 'Run' : 'Fork'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <VersionChoice run={run} value={version} onChange={setVersion} />
        <Field label="Input">
          {(control) => (
            <JsonField
              control={control}
              field={{ placeholder: '{}', required: false }}
              value={input}
              onChange={(_path, value) => setInput(value ?? {})}
              onReadable={(is) => readable('input', is)}
              minLines={4}
              maxLines={10}
            />
          )}
        </Field>
        {plan.data && fromStep !== null && plan.data.kept.length > 0 ? (
          <OutputChanges
            run={run}
            kept={plan.data.kept}
            outputs={outputs}
            onChange={setOutputs}
            onReadable={(is) => readable('output', is)}
          />
        ) : null}
        {plan.data ? <PlanLists runsAgain={plan.data.runs_again} kept={plan.data.kept} /> : null}
        {plan.isPending ? <Skeleton className="h-20 w-full" /> : null}
        <FormError>{refusal ?? (plan.error ? plan.error.message : null)}</FormError>
      </div>
    </Dialog>
  );
}
