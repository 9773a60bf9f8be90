import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { FormError } from '#components/ui/field.tsx';
import { type Json, jsonEqual } from '#lib/base/json.ts';
import { ApiError } from '#lib/client/request.ts';
import type { Step } from '#lib/workflow/definition.ts';
import { JsonField } from '../form/json-field.tsx';
import { useTrial } from './use-trial.ts';

interface PinFormProps {
  readonly step: Step;
  readonly onClose: () => void;
}

const HIDDEN = '[REDACTED]';

/** The output that test runs give a step instead of running it: written by hand, or taken from the last result. */
export function PinForm({ step, onClose }: PinFormProps) {
  const { pins, results, pin } = useTrial();
  const pinned = pins.get(step.id);
  const result = results.get(step.id);
  const last = result?.status === 'completed' && !result.output_omitted && result.output !== HIDDEN ? result.output : undefined;
  const [value, setValue] = useState<Json | undefined>(pinned?.output ?? last);
  const [readable, setReadable] = useState(true);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    setRefusal(null);
    try {
      await pin(step.id, value ?? null);
      onClose();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setRefusal(cause.message);
    } finally {
      setBusy(false);
    }
  }

  const unchanged = pinned !== undefined && jsonEqual(pinned.output, value ?? null);
  return (
    <section aria-label="Pinned output" className="flex flex-col gap-2">
      <h3 className="font-medium text-small text-text-2">Pinned output</h3>
      <JsonField
        label="Pinned output"
        field={{ placeholder: '{ }', required: true }}
        value={value}
        onChange={(_path, next) => setValue(next)}
        onReadable={setReadable}
      />
      <p className="text-small text-text-2">Given instead of running the step, in tests only.</p>
      {refusal === null ? null : <FormError>{refusal}</FormError>}
      <div className="flex flex-wrap gap-2">
        <Button loading={busy} disabled={!readable || unchanged} onClick={() => void save()}>
          {pinned === undefined ? 'Pin' : 'Save pin'}
        </Button>
        {last !== undefined && !jsonEqual(last, value ?? null) ? (
          <Button variant="ghost" onClick={() => setValue(last)}>
            Take from the last run
          </Button>
        ) : null}
        {pinned === undefined ? (
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
        ) : null}
      </div>
    </section>
  );
}
