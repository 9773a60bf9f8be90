/** True while a JSON value takes less than `bytes`, estimated (8 for a number, a character one). Stops counting when it does not. */
export function isSmallerThan(bytes: number, value: unknown): boolean {
  let size = 0;
  const count = (member: unknown, depth: number): boolean => {
    if (typeof member === 'string') size += member.length;
    else size += 8;
    if (size >= bytes) return false;
    if (typeof member !== 'object' || member === null) return true;
    if (depth > 100) return false;
    if (Array.isArray(member)) return member.every((item) => count(item, depth + 1));
    for (const key in member) {
      size += key.length;
      if (!count((member as Record<string, unknown>)[key], depth + 1)) return false;
    }
    return true;
  };
  return count(value, 0);
}
