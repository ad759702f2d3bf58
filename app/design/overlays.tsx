"use client";

import { useRef, useState } from "react";
import { Button } from "@/app/_components/ui/button";
import { Dialog, DialogDescription, DialogFooter, DialogTitle } from "@/app/_components/ui/dialog";
import { MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/app/_components/ui/menu";
import { Toast } from "@/app/_components/ui/toast";
import { Group } from "./group";

/** What lies over a page, each behind the button that opens it. */
export function Overlays() {
  const [isTold, setTold] = useState(false);
  return (
    <Group title="Over the page">
      <MenuTrigger menu="design-menu" variant="outline">
        Menu
      </MenuTrigger>
      <MenuContent id="design-menu">
        <MenuLabel>Safari on iOS</MenuLabel>
        <MenuItem>Rename</MenuItem>
        <MenuItem>Details</MenuItem>
        <MenuSeparator />
        <MenuItem variant="destructive">Sign out</MenuItem>
      </MenuContent>
      <Example variant="dialog" label="Dialog" />
      <Example variant="sheet" label="Sheet" />
      <Button variant="outline" onClick={() => setTold(true)}>
        Toast
      </Button>
      <div role="status" className="pointer-events-none fixed inset-x-4 bottom-4">
        {isTold && (
          <Toast look="info" onClose={() => setTold(false)}>
            Signed out Safari on iOS.
          </Toast>
        )}
      </div>
    </Group>
  );
}

function Example({ variant, label }: { variant: "dialog" | "sheet"; label: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  return (
    <>
      <Button variant="outline" onClick={() => dialog.current?.showModal()}>
        {label}
      </Button>
      <Dialog
        ref={dialog}
        variant={variant}
        aria-labelledby={`${variant}-title`}
        aria-describedby={`${variant}-words`}
      >
        <DialogTitle id={`${variant}-title`}>Sign out Safari on iOS?</DialogTitle>
        <DialogDescription id={`${variant}-words`}>
          Porto, PT · last active 28 minutes ago. It loses access immediately.
        </DialogDescription>
        <DialogFooter>
          <Button variant="outline" onClick={close}>
            Cancel
          </Button>
          <Button variant="destructive" onClick={close}>
            Sign out
          </Button>
        </DialogFooter>
      </Dialog>
    </>
  );
}
