import type { Metadata } from 'next';
import { WorkflowHooksPage } from '#components/hooks/hooks-page.tsx';

export const metadata: Metadata = { title: 'Hooks of a workflow' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <WorkflowHooksPage workflowId={(await params).id} />;
}
