'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { WorkflowChoice } from '#components/workflows/workflow-choice.tsx';
import { type FormErrors, refusedForm } from '#lib/client/form-errors.ts';
import { request } from '#lib/client/request.ts';
import { ownTimeZone, scheduleKeys } from '#lib/client/schedules.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { createSchedule, type Schedule, updateSchedule } from '#lib/contracts/schedules.ts';
import { scheduleProblems } from '#lib/workflow/schedule-time.ts';
import { JsonField } from '../form/json-field.tsx';
import { CronField } from './cron-field.tsx';
import { ScheduleRules } from './schedule-rules.tsx';

interface ScheduleDialogProps {
  /** Null: asked for. */
  readonly workflowId: string | null;
  /** The one to change; absent for a new one. */
  readonly schedule?: Schedule;
  readonly onClose: () => void;
}

export type ScheduleForm = Pick<
  Schedule,
  'name' | 'cron_expression' | 'timezone' | 'input_data' | 'overlap' | 'catch_up' | 'catch_up_window' | 'jitter'
>;

function blank(): ScheduleForm {
  return {
    name: '',
    cron_expression: '0 9 * * mon-fri',
    timezone: ownTimeZone(),
    input_data: {},
    overlap: 'allow',
    catch_up: 'once',
    catch_up_window: 604_800,
    jitter: 0,
  };
}

/** Makes or changes a schedule: when, in which zone, with which input, and what happens when times collide or are missed. */
export function ScheduleDialog({ workflowId, schedule, onClose }: ScheduleDialogProps) {
  const formId = useId();
  const queryClient = useQueryClient();
  const [form, setForm] = useState<ScheduleForm>(() => schedule ?? blank());
  const [target, setTarget] = useState(workflowId ?? '');
  const [readable, setReadable] = useState(true);
  const [errors, setErrors] = useState<FormErrors>({});
  const set = (change: Partial<ScheduleForm>) => {
    setForm((before) => ({ ...before, ...change }));
    // What was refused before says nothing of what stands there now.
    setErrors((before) => Object.fromEntries(Object.entries(before).filter(([path]) => !(path in change))));
  };
  const save = useMutation({
    mutationFn: async () => {
      const { name, cron_expression, timezone, input_data, overlap, catch_up, catch_up_window, jitter } = form;
      const body = { name, cron_expression, timezone, input_data, overlap, catch_up, catch_up_window, jitter };
      if (schedule) await request(updateSchedule, { params: { schedule_id: schedule.id }, body });
      else await request(createSchedule, { params: { id: target }, body });
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: scheduleKeys.all });
      await queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
      toastDone(schedule ? 'Changed the schedule' : 'Created the schedule');
      onClose();
    },
    onError: (thrown) => setErrors(refusedForm(thrown)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (target === '') return setErrors({ workflow: 'Choose the workflow that it starts.' });
    setErrors({});
    // The field says what is wrong with it as it is typed.
    if (scheduleProblems({ cron: form.cron_expression, timezone: form.timezone }, Date.now()).length > 0) return;
    save.mutate();
  }

  const inputError = Object.entries(errors).find(([path]) => path.startsWith('input_data'));
  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={schedule ? 'Change the schedule' : 'New schedule'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={save.isPending} disabled={!readable}>
            {schedule ? 'Save' : 'Create schedule'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-4">
        {workflowId === null ? <WorkflowChoice value={target} onChange={setTarget} error={errors.workflow} /> : null}
        <Field label="Name" error={errors.name}>
          {(control) => <Input {...control} size="page" value={form.name} onChange={(event) => set({ name: event.target.value })} />}
        </Field>
        <CronField
          cron={form.cron_expression}
          timezone={form.timezone}
          onCron={(cron_expression) => set({ cron_expression })}
          onTimezone={(timezone) => set({ timezone })}
          errors={errors}
        />
        <Field label="Input" error={inputError ? `${inputError[0].slice('input_data.'.length)} ${inputError[1]}`.trim() : undefined}>
          {(control) => (
            <JsonField
              control={control}
              label="Input"
              field={{ placeholder: '{}', required: false }}
              value={form.input_data}
              onChange={(_path, value) => set({ input_data: value ?? {} })}
              onReadable={setReadable}
            />
          )}
        </Field>
        <ScheduleRules form={form} onChange={set} />
        <FormError>{errors['']}</FormError>
      </form>
    </Dialog>
  );
}
