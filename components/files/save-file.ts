import type { Definition } from '#lib/workflow/definition.ts';
import type { FileFormat } from '#lib/workflow/definition-file.ts';

const MEDIA_TYPE: Readonly<Record<FileFormat, string>> = { json: 'application/json', yaml: 'application/yaml' };

/** Gives a definition to the person as a file that an import takes. */
export async function saveDefinition(definition: Definition, format: FileFormat): Promise<void> {
  const { writeDefinition } = await import('#lib/workflow/definition-file.ts');
  const address = URL.createObjectURL(new Blob([writeDefinition(definition, format)], { type: MEDIA_TYPE[format] }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${fileName(definition.name)}.${format}`;
  link.click();
  URL.revokeObjectURL(address);
}

function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  return plain || 'workflow';
}
