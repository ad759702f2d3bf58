import { useId, useState } from "react";
import { Button } from "@/app/_components/ui/button";
import { DialogFooter, DialogTitle } from "@/app/_components/ui/dialog";
import { Notice } from "@/app/_components/ui/notice";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { NameField } from "@/app/(account)/sessions/_forms/name-field";
import { perform } from "@/app/(account)/sessions/_forms/perform";
import type { ActionState } from "@/app/(account)/sessions/action-state";
import type { Device } from "@/app/(account)/sessions/device-view";
import { Modal } from "./modal";

/** Gives a device a name of its owner's choice; `onDone` gets what came of it. */
export function RenameDialog({
  device,
  onClose,
  onDone,
}: {
  device: Device;
  onClose: () => void;
  onDone: (state: ActionState) => void;
}) {
  const id = useId();
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<{ field: string | null; words: string | null } | null>(null);

  async function save(form: FormData) {
    setPending(true);
    setFailure(null);
    const state = await perform({ intent: "rename", id: device.id, name: String(form.get("name")) });
    setPending(false);
    const field = state.rename?.problem ?? null;
    if (field === null && !state.said?.isProblem) return onDone(state);
    setFailure({ field, words: field === null ? (state.said?.words ?? null) : null });
  }

  return (
    <Modal onClose={onClose} aria-labelledby={id}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) void save(new FormData(event.currentTarget));
        }}
        className="space-y-4"
      >
        <DialogTitle id={id}>
          Rename <bdi>{device.name}</bdi>
        </DialogTitle>
        <div role="alert">
          {failure?.words && (
            <Notice look="problem">
              <p>{failure.words}</p>
            </Notice>
          )}
        </div>
        <NameField
          id={`${id}-field`}
          device={device}
          problem={failure?.field ?? null}
          defaultValue={device.name}
          data-first
        />
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            Cancel
          </Button>
          <SubmitButton pending="Saving…" isPending={isPending}>
            Save
          </SubmitButton>
        </DialogFooter>
      </form>
    </Modal>
  );
}
