'use client';

import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { CATCH_UP_OPTIONS, JITTER_OPTIONS, OVERLAP_OPTIONS, WINDOW_OPTIONS, withOwn } from './policy-words.ts';
import type { ScheduleForm } from './schedule-dialog.tsx';

/** What happens when an earlier run is still under way, when times were missed, and how exactly the time is met. */
export function ScheduleRules({ form, onChange }: { form: ScheduleForm; onChange: (change: Partial<ScheduleForm>) => void }) {
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-4 max-sm:grid-cols-1">
      <Field label="If an earlier run is still under way">
        {(control) => (
          <Select
            {...control}
            size="page"
            options={OVERLAP_OPTIONS}
            value={form.overlap}
            onValueChange={(overlap) => onChange({ overlap })}
          />
        )}
      </Field>
      <Field label="Start">
        {(control) => (
          <Select
            {...control}
            size="page"
            options={withOwn(JITTER_OPTIONS, form.jitter)}
            value={String(form.jitter)}
            onValueChange={(jitter) => onChange({ jitter: Number(jitter) })}
          />
        )}
      </Field>
      <Field label="Times missed while nothing ran">
        {(control) => (
          <Select
            {...control}
            size="page"
            options={CATCH_UP_OPTIONS}
            value={form.catch_up}
            onValueChange={(catch_up) => onChange({ catch_up })}
          />
        )}
      </Field>
      <Field label="Missed by at most">
        {(control) => (
          <Select
            {...control}
            size="page"
            disabled={form.catch_up === 'skip'}
            options={withOwn(WINDOW_OPTIONS, form.catch_up_window)}
            value={String(form.catch_up_window)}
            onValueChange={(seconds) => onChange({ catch_up_window: Number(seconds) })}
          />
        )}
      </Field>
    </div>
  );
}
