import { useId } from "react";
import { Button } from "@/app/_components/ui/button";
import { DialogDescription, DialogFooter, DialogTitle } from "@/app/_components/ui/dialog";
import { Modal } from "./modal";
import type { QuestionWords } from "./question";

/** Asks before something ends. */
export function ConfirmDialog({
  words: { title, consequence, label },
  onClose,
  onConfirm,
}: {
  words: QuestionWords;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const id = useId();
  return (
    <Modal onClose={onClose} aria-labelledby={`${id}-title`} aria-describedby={`${id}-consequence`}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <DialogTitle id={`${id}-title`}>{title}</DialogTitle>
        <DialogDescription id={`${id}-consequence`}>{consequence}</DialogDescription>
        <DialogFooter>
          <Button variant="outline" onClick={onClose} data-first>
            Cancel
          </Button>
          <Button type="submit" variant="destructive">
            {label}
          </Button>
        </DialogFooter>
      </form>
    </Modal>
  );
}
