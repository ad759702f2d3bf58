import { useId } from "react";
import { Button } from "@/app/_components/ui/button";
import { DialogFooter, DialogTitle } from "@/app/_components/ui/dialog";
import type { Device } from "@/app/(account)/sessions/device-view";
import { DeviceDetails } from "./device-details";
import { Modal } from "./modal";

/** What is known of a device and what can be done about it; on a phone it comes from the lower edge. */
export function DetailsDialog({
  device,
  now,
  locale,
  onClose,
  onRename,
  onSignOut,
  onReport,
}: {
  device: Device;
  now: number;
  locale: string;
  onClose: () => void;
  onRename: () => void;
  /** Null for this device, which has a button of its own for it. */
  onSignOut: (() => void) | null;
  /** Its owner does not recognise it. */
  onReport: () => void;
}) {
  const id = useId();
  return (
    <Modal variant="sheet" onClose={onClose} aria-labelledby={id}>
      <DialogTitle id={id} tabIndex={-1} data-first>
        <bdi>{device.name}</bdi>
      </DialogTitle>
      <div className="mt-4">
        <DeviceDetails device={device} now={now} locale={locale} />
        {onSignOut && (
          <button type="button" onClick={onReport} className="link mt-4 py-1 text-sm">
            I don’t recognise this
          </button>
        )}
      </div>
      <DialogFooter>
        {onSignOut && (
          <Button variant="destructive-outline" onClick={onSignOut} className="me-auto">
            Sign out
          </Button>
        )}
        <Button variant="outline" onClick={onRename}>
          Rename
        </Button>
        <Button onClick={onClose}>Close</Button>
      </DialogFooter>
    </Modal>
  );
}
