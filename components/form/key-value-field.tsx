import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Input } from '#components/ui/input.tsx';
import { isJsonObject, type Json, type JsonObject, jsonEqual } from '#lib/base/json.ts';
import { ExpressionInput } from './expression-input.tsx';
import type { ConfigFieldProps } from './field-props.ts';
import { textOfValue, valueOfText } from './value-text.ts';

interface Row {
  readonly id: number;
  readonly key: string;
  readonly text: string;
  readonly value: Json | undefined;
}

let lastRow = 0;

/** Names and values in rows. A row without a name is kept on the screen and left out of the value. */
export function KeyValueField({ field, value, onChange, onBlur, errors }: ConfigFieldProps) {
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(value));
  if (!jsonEqual(objectOf(rows), isJsonObject(value) ? value : {})) setRows(rowsOf(value));
  function change(next: readonly Row[]) {
    setRows(next);
    const object = objectOf(next);
    onChange([], Object.keys(object).length === 0 && !field.required ? undefined : object);
  }
  const edit = (id: number, change_: Partial<Row>) => change(rows.map((row) => (row.id === id ? { ...row, ...change_ } : row)));
  return (
    <div className="@container flex flex-col gap-3">
      {rows.map((row) => (
        <div key={row.id}>
          {/* In a narrow panel the value stands below its name: expressions need the width. */}
          <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-1 @md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]">
            <Input
              mono
              aria-label={`Name in ${field.label}`}
              placeholder="name"
              value={row.key}
              onChange={(event) => edit(row.id, { key: event.target.value })}
              onBlur={onBlur}
            />
            <IconButton
              icon={X}
              label={`Remove ${row.key || 'row'}`}
              className="@md:order-last"
              onClick={() => change(rows.filter(({ id }) => id !== row.id))}
            />
            <div className="col-span-2 min-w-0 @md:col-span-1">
              <ExpressionInput
                mode="template"
                label={`Value of ${row.key || 'the new row'}`}
                placeholder="value"
                value={row.text}
                onChange={(text) => edit(row.id, { text, value: valueOfText(text, row.value)?.value ?? row.value })}
                {...(onBlur ? { onBlur } : {})}
              />
            </div>
          </div>
          {errors.get(`/${row.key}`) && <p className="mt-1 text-small text-status-failed">{errors.get(`/${row.key}`)}</p>}
        </div>
      ))}
      <Button
        variant="ghost"
        size="row"
        className="self-start"
        aria-label={`Add row to ${field.label}`}
        onClick={() => setRows([...rows, newRow('', '')])}
      >
        <Plus className="size-3.5" aria-hidden />
        Add row
      </Button>
    </div>
  );
}

function newRow(key: string, value: Json): Row {
  lastRow += 1;
  return { id: lastRow, key, text: textOfValue(value), value };
}

function rowsOf(value: Json | undefined): Row[] {
  return isJsonObject(value) ? Object.entries(value).map(([key, member]) => newRow(key, member)) : [];
}

function objectOf(rows: readonly Row[]): JsonObject {
  return Object.fromEntries(rows.flatMap(({ key, value }) => (key.trim() === '' ? [] : [[key, value ?? '']])));
}
