import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import type { FormErrors } from '#lib/client/form-errors.ts';

interface SignatureFieldsProps {
  readonly errors: FormErrors;
  /** Null where the kind of signature says it. */
  readonly header: string | null;
  readonly onHeader: (header: string) => void;
  readonly secret: string;
  readonly onSecret: (secret: string) => void;
}

/** What the signature of a call is checked with. */
export function SignatureFields({ errors, header, onHeader, secret, onSecret }: SignatureFieldsProps) {
  return (
    <>
      {header === null ? null : (
        <Field label="Header" required error={errors.signature_header} help="x-hub-signature-256 of GitHub, stripe-signature of Stripe">
          {(control) => <Input {...control} size="page" mono value={header} onChange={(event) => onHeader(event.target.value)} />}
        </Field>
      )}
      <Field label="Secret" required error={errors.secret} help="As the other service shows it. Kept encrypted, never shown again">
        {(control) => (
          <Input
            {...control}
            size="page"
            mono
            type="password"
            autoComplete="new-password"
            value={secret}
            onChange={(event) => onSecret(event.target.value)}
          />
        )}
      </Field>
    </>
  );
}
