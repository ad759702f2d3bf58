"use client";

import { useEffect, useState } from "react";
import { SECONDS } from "@/lib/time";
import { Button } from "./button";
import { Icon } from "./icon";

/** Puts `text` on the clipboard and says so. `label` names it: "password". */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2 * SECONDS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // Where the clipboard is refused, the text is there to be marked.
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <>
      <Button
        data-slot="copy-button"
        variant="ghost"
        size="icon-sm"
        aria-label={`Copy ${label}`}
        onClick={copy}
        className="noscript:hidden"
      >
        <Icon name={isCopied ? "check" : "copy"} />
      </Button>
      <span role="status" className="sr-only">
        {isCopied && "Copied."}
      </span>
    </>
  );
}
