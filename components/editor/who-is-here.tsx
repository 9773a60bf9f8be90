import { Users } from 'lucide-react';
import type { Person } from '#lib/client/follow-draft.ts';

/** Who else has this draft open. Nothing is drawn while nobody has. */
export function WhoIsHere({ people }: { readonly people: readonly Person[] }) {
  const names = [...new Set(people.map(({ you, name }) => (you ? 'You, in another tab' : name)))];
  const [first, ...others] = names;
  if (first === undefined) return null;
  const sentence = `Also here: ${names.join(', ')}`;
  return (
    <span role="status" aria-label={sentence} title={sentence} className="flex min-w-0 items-center gap-1 text-small text-text-2">
      <Users className="size-3.5 shrink-0" aria-hidden />
      <span className="max-w-40 truncate max-lg:hidden" aria-hidden>
        {others.length === 0 ? first : `${first} and ${others.length} more`}
      </span>
    </span>
  );
}
