import { useId, useRef, useState } from "react";
import { Button } from "@/app/_components/ui/button";
import { DialogDescription, DialogFooter, DialogTitle } from "@/app/_components/ui/dialog";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { Guard } from "@/app/(account)/sessions/_forms/guard";
import type { Answer } from "@/app/(account)/sessions/_state/use-endings";
import type { ActionState } from "@/app/(account)/sessions/action-state";
import { Modal } from "./modal";
import type { Question, QuestionWords } from "./question";

/** Asks before something ends, and for the password where that is due: then it stays until the password has proved right. */
export function ConfirmDialog({
  question,
  words: { title, consequence, label, pending },
  needsPassword,
  onClose,
  onConfirm,
}: {
  question: Question;
  words: QuestionWords;
  needsPassword: boolean;
  onClose: () => void;
  onConfirm: (answer: Answer) => Promise<ActionState>;
}) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [stepUp, setStepUp] = useState<ActionState["stepUp"]>(needsPassword ? { problem: null } : null);
  const [isPending, setPending] = useState(false);

  async function confirmed() {
    if (isPending || !form.current) return;
    const typed = new FormData(form.current);
    const password = typed.get("password");
    const everything = typed.get("everything");
    const answer: Answer = {
      ...(typeof password === "string" && { password }),
      ...(everything === "on" && { everything }),
    };
    setPending(true);
    setStepUp((last) => last && { problem: null });
    const state = await onConfirm(answer);
    setPending(false);
    setStepUp(state.stepUp);
  }

  return (
    <Modal onClose={onClose} aria-labelledby={`${id}-title`} aria-describedby={`${id}-consequence`}>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void confirmed();
        }}
      >
        <DialogTitle id={`${id}-title`}>{title}</DialogTitle>
        <DialogDescription id={`${id}-consequence`}>{consequence}</DialogDescription>
        <Guard isReport={question.intent === "report"} stepUp={stepUp} />
        <DialogFooter>
          <Button variant="outline" onClick={onClose} data-first={stepUp ? undefined : true}>
            Cancel
          </Button>
          <SubmitButton variant="destructive" pending={pending} isPending={isPending}>
            {label}
          </SubmitButton>
        </DialogFooter>
      </form>
    </Modal>
  );
}
