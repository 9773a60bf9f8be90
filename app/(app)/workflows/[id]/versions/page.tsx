import type { Metadata } from 'next';
import { VersionsPage } from '#components/history/versions-page.tsx';

export const metadata: Metadata = { title: 'Versions' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <VersionsPage workflowId={(await params).id} />;
}
