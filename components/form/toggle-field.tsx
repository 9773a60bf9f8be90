import { Switch } from '#components/ui/switch.tsx';
import type { ConfigFieldProps } from './field-props.ts';

/** A switch with its label and help beside it. */
export function ToggleField({ field, value, onChange, onBlur, errors }: ConfigFieldProps) {
  const error = errors.get('');
  return (
    <div className="flex items-start gap-2">
      <Switch
        aria-label={field.label}
        checked={value === true}
        onCheckedChange={(on) => {
          onChange([], on);
          onBlur?.();
        }}
      />
      <div className="min-w-0">
        <div className="text-small font-medium text-text-1">{field.label}</div>
        <div className={error ? 'text-small text-status-failed' : 'text-small text-text-3'}>{error ?? field.help}</div>
      </div>
    </div>
  );
}
