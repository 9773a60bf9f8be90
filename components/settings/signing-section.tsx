'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { LoadError } from '#components/shell/load-error.tsx';
import { Button } from '#components/ui/button.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { accountKeys, signingSecretOptions } from '#lib/client/account.ts';
import { request } from '#lib/client/request.ts';
import { rotateSigningSecret } from '#lib/contracts/deliveries.ts';
import { Section, SettingRow } from './section.tsx';

/** The secret by which receivers know that a callback came from here. */
export function SigningSection() {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(signingSecretOptions());
  const [shown, setShown] = useState(false);
  const [rotating, setRotating] = useState(false);

  async function rotate() {
    queries.setQueryData(accountKeys.signing, await request(rotateSigningSecret));
    toastDone('A new signing secret is in force');
  }

  return (
    <Section
      title="Callbacks"
      about="When a run ends, its callback address gets one signed POST (Standard Webhooks)."
      action={
        <Button size="page" onClick={() => setRotating(true)}>
          <RefreshCw className="size-4" aria-hidden />
          Rotate
        </Button>
      }
    >
      {error && !data ? <LoadError what="the signing secret" error={error} retry={() => refetch()} /> : null}
      {data ? (
        <SettingRow label="Signing secret" help="Receivers verify the header webhook-signature with it.">
          <div className="flex min-w-0 items-center gap-1">
            <code className="min-w-0 truncate font-mono text-code">{shown ? data.secret : `whsec_${'•'.repeat(24)}`}</code>
            <IconButton
              icon={shown ? EyeOff : Eye}
              label={shown ? 'Hide the signing secret' : 'Show the signing secret'}
              size="row"
              onClick={() => setShown(!shown)}
            />
            <CopyButton text={data.secret} label="Copy the signing secret" iconOnly />
          </div>
          {data.previous_valid_until ? (
            <p className="text-small text-text-3">
              The one before signs too, until <RelativeTime iso={data.previous_valid_until} />.
            </p>
          ) : null}
        </SettingRow>
      ) : null}
      <ConfirmDialog
        open={rotating}
        onOpenChange={setRotating}
        title="Rotate the signing secret?"
        body="Callbacks carry both signatures for 24 hours. After that receivers that still use the old secret refuse them."
        action="Rotate"
        danger={false}
        onConfirm={rotate}
      />
    </Section>
  );
}
