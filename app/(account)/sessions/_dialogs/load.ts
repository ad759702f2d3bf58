export type Show = typeof import("./open-dialog").OpenDialog;

/** Fetches the dialogs, unless they are there: nothing of them is needed to show the page. */
export async function loadDialog(): Promise<Show> {
  return (await import("./open-dialog")).OpenDialog;
}

/** Somebody points at something or moves the focus: a dialog may be wanted next. */
export function expectDialog(): void {
  loadDialog().catch(() => {});
}
