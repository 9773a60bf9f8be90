import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** One sentence; what the section is for. */
  readonly about?: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of the page. */
export function Section({ title, about, action, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex max-w-240 flex-col gap-3">
      {/* The words stand beside the action, or below both where there is no room. */}
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1">
        <h2 className="text-section">{title}</h2>
        {action ? <div className="sm:row-span-2">{action}</div> : null}
        {about ? <p className="text-body text-text-2 max-sm:col-span-2">{about}</p> : null}
      </div>
      {children}
    </section>
  );
}

/** A label, and at its right the value or control. */
export function SettingRow({ label, help, children }: { label: ReactNode; help?: string; children: ReactNode }) {
  return (
    <div className="flex min-h-11 items-center gap-x-4 gap-y-1 border-line-1 border-b py-2 last:border-b-0 max-sm:flex-wrap">
      <div className="w-60 min-w-0 max-sm:w-full">
        <div className="font-medium text-body">{label}</div>
        {help ? <div className="text-small text-text-3">{help}</div> : null}
      </div>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
