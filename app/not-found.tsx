import { NothingHere } from '#components/shell/page-fault.tsx';

export default function NotFound() {
  return (
    <main>
      <NothingHere />
    </main>
  );
}
