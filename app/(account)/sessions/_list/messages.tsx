import type { ReactNode } from "react";
import { useEffect } from "react";
import { Toast } from "@/app/_components/ui/toast";

export type Message = { key: number; words: ReactNode; isProblem: boolean };

/** What the last action came to: announced, and in sight wherever on the page somebody is. */
export function Messages({ message, onClose }: { message: Message | null; onClose: () => void }) {
  useEffect(() => {
    // Out from under the message, as far as app/globals.css says: the control that somebody is at by keyboard.
    if (message)
      document
        .querySelector("main :focus-visible:not([tabindex='-1'])")
        ?.scrollIntoView({ block: "nearest" });
  }, [message]);

  function close() {
    // The button goes, and the focus with it, were it not taken somewhere else.
    if (document.activeElement?.closest(".said"))
      document.querySelector("h1")?.focus({ preventScroll: true });
    onClose();
  }

  return (
    <div role="status" className="said">
      {message && (
        <Toast key={message.key} look={message.isProblem ? "problem" : "info"} onClose={close}>
          <p>{message.words}</p>
        </Toast>
      )}
    </div>
  );
}
