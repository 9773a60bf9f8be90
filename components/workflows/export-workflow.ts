import { toastFailed } from '#components/ui/toast.tsx';
import { errorMessage } from '#lib/base/errors.ts';
import { request } from '#lib/client/request.ts';
import { getWorkflow } from '#lib/contracts/workflows.ts';

/** Downloads the newest definition as a file that Import takes. */
export async function exportWorkflow(id: string, name: string): Promise<void> {
  try {
    const { definition } = await request(getWorkflow, { params: { id } });
    const address = URL.createObjectURL(new Blob([`${JSON.stringify(definition, null, 2)}\n`], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `${fileName(name)}.json`;
    link.click();
    URL.revokeObjectURL(address);
  } catch (thrown) {
    toastFailed(errorMessage(thrown));
  }
}

function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  return plain || 'workflow';
}
