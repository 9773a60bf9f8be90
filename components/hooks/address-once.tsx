import { ShownOnce } from '#components/ui/shown-once.tsx';

/** A hook's address, this one time: what is stored of it is a hash. */
export function AddressOnce({ name, path, onClose }: { name: string; path: string; onClose: () => void }) {
  const address = `${window.location.origin}${path}`;
  return <ShownOnce what="address" name={name} value={address} warning="Whoever has it can call the hook." onClose={onClose} />;
}
