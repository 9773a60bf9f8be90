import type { Metadata } from 'next';
import { WorkflowRunsPage } from '#components/runs-list/runs-page.tsx';

export const metadata: Metadata = { title: 'Runs of a workflow' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <WorkflowRunsPage workflowId={(await params).id} />;
}
