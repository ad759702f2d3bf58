import type { Actions, DialogContent } from "@/app/(account)/sessions/_state/use-actions";
import { ConfirmDialog } from "./confirm-dialog";
import { DetailsDialog } from "./details-dialog";
import { inWords } from "./question";
import { RenameDialog } from "./rename-dialog";

/** The dialog that is open. Not a part of the page: it is fetched when somebody is about to want it. */
export function OpenDialog({
  dialog,
  actions: { open, confirm, renamed, closeDialog },
  now,
  locale,
  stepUpAt,
}: {
  dialog: DialogContent;
  actions: Actions;
  now: number;
  locale: string;
  stepUpAt: number;
}) {
  switch (dialog.kind) {
    case "question": {
      const { question, isGuarded } = dialog;
      return (
        <ConfirmDialog
          question={question}
          words={inWords(question, { now, locale })}
          needsPassword={isGuarded === true || now >= stepUpAt}
          onClose={closeDialog}
          onConfirm={(answer) => confirm(question, answer)}
        />
      );
    }
    case "details": {
      const { device } = dialog;
      const signOut = () => open({ kind: "question", question: { intent: "end", device } });
      return (
        <DetailsDialog
          device={device}
          now={now}
          locale={locale}
          onClose={closeDialog}
          onRename={() => open({ kind: "rename", device })}
          onSignOut={device.isCurrent ? null : signOut}
          onReport={() => open({ kind: "question", question: { intent: "report", device } })}
        />
      );
    }
    case "rename":
      return <RenameDialog device={dialog.device} onClose={closeDialog} onDone={renamed} />;
  }
}
