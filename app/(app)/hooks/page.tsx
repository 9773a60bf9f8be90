import type { Metadata } from 'next';
import { HooksPage } from '#components/hooks/hooks-page.tsx';

export const metadata: Metadata = { title: 'Hooks' };

export default function Page() {
  return <HooksPage />;
}
