import { ASK_FORM } from "@/app/(account)/sessions/_list/device-row";
import type { Actions } from "@/app/(account)/sessions/_state/use-actions";
import { DeviceMenu } from "./device-menu";

/** The menu and the dialogs, one of each for all devices, and the form of every "Sign out". */
export function Dialogs({
  actions,
  locale,
  ...page
}: {
  actions: Actions;
  now: number;
  locale: string;
  stepUpAt: number;
}) {
  const { dialog, menuFor, open } = actions;
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
      {dialog && (
        <dialog.Show key={dialog.key} dialog={dialog.content} actions={actions} locale={locale} {...page} />
      )}
    </>
  );
}
