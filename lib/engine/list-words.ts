/** Names in a row, as a sentence says them: `a, b and c`; of more than four the first three. */
export function list(names: readonly string[], last = 'and'): string {
  if (names.length <= 1) return names[0] ?? 'nothing';
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`;
}

/** A message as the end of a sentence, with one full stop. */
export function stopped(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
