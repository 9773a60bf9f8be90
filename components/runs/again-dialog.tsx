'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { FormError } from '#components/ui/field.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { request } from '#lib/client/request.ts';
import { bodyOf, planOptions } from '#lib/client/run-control.ts';
import { runKeys } from '#lib/client/runs.ts';
import { restartRun, resumeRun } from '#lib/contracts/run-control.ts';
import type { Run } from '#lib/contracts/runs.ts';
import { PlanLists } from './plan-lists.tsx';
import { VersionChoice } from './version-choice.tsx';

interface AgainDialogProps {
  readonly run: Run;
  readonly kind: 'resume' | 'restart';
  /** Null: everything. */
  readonly fromStep: string | null;
  readonly onClose: () => void;
}

const TITLES = { resume: 'Resume', restart: 'Restart' } as const;

/** Runs a run again under its id. Says beforehand what runs again and what is kept. */
export function AgainDialog({ run, kind, fromStep, onClose }: AgainDialogProps) {
  const queries = useQueryClient();
  const [version, setVersion] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const plan = useQuery(planOptions({ runId: run.id, kind, fromStep, version }));
  const verb = TITLES[kind];

  async function go() {
    setBusy(true);
    setRefusal(null);
    try {
      const call = { params: { run_id: run.id }, body: bodyOf(fromStep, version) };
      await (kind === 'resume' ? request(resumeRun, call) : request(restartRun, call));
      onClose();
      await queries.invalidateQueries({ queryKey: runKeys.all });
    } catch (thrown) {
      setBusy(false);
      setRefusal(errorMessage(thrown));
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={fromStep === null ? `${verb} this run?` : `${verb} from ${fromStep}?`}
      description={
        kind === 'restart'
          ? 'Under the same id and with the same input. What is at work is stopped.'
          : 'Under the same id, with the results so far.'
      }
      footer={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button variant="primary" loading={busy} disabled={plan.data === undefined} onClick={go}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {kind === 'resume' ? <VersionChoice run={run} value={version} onChange={setVersion} /> : null}
        {plan.data ? <PlanLists runsAgain={plan.data.runs_again} kept={plan.data.kept} /> : null}
        {plan.isPending ? <Skeleton className="h-20 w-full" /> : null}
        <FormError>{refusal ?? (plan.error ? plan.error.message : null)}</FormError>
      </div>
    </Dialog>
  );
}
