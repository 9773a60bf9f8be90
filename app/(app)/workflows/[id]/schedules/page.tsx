import type { Metadata } from 'next';
import { WorkflowSchedulesPage } from '#components/schedules/schedules-page.tsx';

export const metadata: Metadata = { title: 'Schedules of a workflow' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <WorkflowSchedulesPage workflowId={(await params).id} />;
}
