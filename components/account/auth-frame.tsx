import type { ReactNode } from 'react';

/** The quiet page around sign-in and set-up. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh justify-center px-4 pt-[16dvh] pb-12">
      <div className="flex w-full max-w-90 flex-col gap-6">
        <div className="flex flex-col gap-3">
          <Mark />
          <h1 className="text-title">{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}

/** The product's name: two threads that cross. */
function Mark() {
  return (
    <div className="flex items-center gap-2 text-heading">
      <svg viewBox="0 0 20 20" aria-hidden="true" className="size-5 text-accent" fill="none" stroke="currentColor" strokeWidth="2">
        <path d="M2 5h5c4 0 2 10 6 10h5" strokeLinecap="round" />
        <path d="M2 15h5c1.6 0 2.2-1.6 2.7-3.6M11.4 7.6C11.8 6.1 12.300 5 13 5h5" strokeLinecap="round" />
      </svg>
      Weftline
    </div>
  );
}
