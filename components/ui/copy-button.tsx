'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';
import { toastFailed } from './toast.tsx';

const SHOWN_MS = 2_000;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied: "Copy key". */
  readonly label: string;
  /** Icon alone, with the label as its tooltip. */
  readonly iconOnly?: boolean;
  readonly className?: string;
}

/** Copies a text and says so for two seconds. */
export function CopyButton({ text, label, iconOnly = false, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      toastFailed('The browser did not allow copying. Select the text and copy it by hand.');
    }
  }

  const icon = copied ? Check : Copy;
  const Icon = icon;
  const styled = className ? { className } : {};
  if (iconOnly) return <IconButton icon={icon} label={copied ? 'Copied' : label} onClick={copy} {...styled} />;
  return (
    <Button onClick={copy} aria-live="polite" {...styled}>
      <Icon className="size-4" aria-hidden />
      {copied ? 'Copied' : label}
    </Button>
  );
}
