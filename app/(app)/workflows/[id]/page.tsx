import type { Metadata } from 'next';
import { EditorPage } from '#components/editor/editor-page.tsx';

export const metadata: Metadata = { title: 'Editor' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <EditorPage workflowId={(await params).id} />;
}
