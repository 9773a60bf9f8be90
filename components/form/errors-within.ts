/** The faults at and below one key, by pointers from there. */
export function errorsWithin(errors: ReadonlyMap<string, string>, key: string): ReadonlyMap<string, string> {
  const prefix = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return new Map(
    [...errors].flatMap(([path, text]) => (path === prefix || path.startsWith(`${prefix}/`) ? [[path.slice(prefix.length), text]] : [])),
  );
}
