import type { Metadata } from 'next';
import { HooksPage } from '#components/hooks/hooks-page.tsx';

export const metadata: Metadata = { title: 'Hooks of a workflow' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <HooksPage workflowId={(await params).id} />;
}
