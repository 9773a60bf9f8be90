/** The kinds of files that an import reads. */
export const FILE_KINDS = '.json,.yaml,.yml,application/json,application/yaml';

/** Asks for files with the system’s own dialog; where it is cancelled nothing happens. */
export function chooseFiles(take: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = FILE_KINDS;
  input.addEventListener('change', () => take([...(input.files ?? [])]));
  input.click();
}
