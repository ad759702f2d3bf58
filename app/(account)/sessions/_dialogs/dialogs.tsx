import { ASK_FORM } from "@/app/(account)/sessions/_list/device-row";
import type { Actions } from "@/app/(account)/sessions/_state/use-actions";
import { ConfirmDialog } from "./confirm-dialog";
import { DetailsDialog } from "./details-dialog";
import { DeviceMenu } from "./device-menu";
import { inWords } from "./question";
import { RenameDialog } from "./rename-dialog";

/** The menu and the dialogs, one of each for all devices, and the form of every "Sign out". */
export function Dialogs({
  actions,
  now,
  locale,
  stepUpAt,
}: {
  actions: Actions;
  now: number;
  locale: string;
  stepUpAt: number;
}) {
  const { dialog, menuFor, open, closeDialog } = actions;
  return (
    <>
      <form id={ASK_FORM} method="get" action="/sessions/sign-out" onSubmit={actions.asked} hidden />
      <DeviceMenu
        device={menuFor}
        locale={locale}
        onChoose={(choice, device) => {
          if (choice !== "stranger") open({ kind: choice, device });
          else open({ kind: "question", question: { intent: "report", device } });
        }}
      />
      {dialog?.kind === "question" && (
        <ConfirmDialog
          key={dialog.key}
          question={dialog.question}
          words={inWords(dialog.question, { now, locale })}
          needsPassword={dialog.isGuarded === true || now >= stepUpAt}
          onClose={closeDialog}
          onConfirm={(answer) => actions.confirm(dialog.question, answer)}
        />
      )}
      {dialog?.kind === "details" && (
        <DetailsDialog
          key={dialog.key}
          device={dialog.device}
          now={now}
          locale={locale}
          onClose={closeDialog}
          onRename={() => open({ kind: "rename", device: dialog.device })}
          onSignOut={
            dialog.device.isCurrent
              ? null
              : () => open({ kind: "question", question: { intent: "end", device: dialog.device } })
          }
        />
      )}
      {dialog?.kind === "rename" && (
        <RenameDialog
          key={dialog.key}
          device={dialog.device}
          onClose={closeDialog}
          onDone={actions.renamed}
        />
      )}
    </>
  );
}
