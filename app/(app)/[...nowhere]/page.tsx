import { notFound } from 'next/navigation';

/** A path that leads nowhere, for whoever is signed in: the shell stays, so that every other page is one click away. */
export default function Page() {
  notFound();
}
