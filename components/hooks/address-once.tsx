import { Button } from '#components/ui/button.tsx';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';

interface AddressOnceProps {
  readonly name: string;
  readonly path: string;
  readonly onClose: () => void;
}

/** A hook's address, this one time: what is stored of it is a hash. */
export function AddressOnce({ name, path, onClose }: AddressOnceProps) {
  const address = `${window.location.origin}${path}`;
  return (
    <Dialog
      open
      steady
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Copy the address of ${name}`}
      description="It is shown now and never again. Whoever has it can call the hook."
      footer={
        <>
          <CopyButton text={address} label="Copy address" />
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <code className="block select-all break-all rounded-control bg-sunken p-3 font-mono text-code">{address}</code>
    </Dialog>
  );
}
