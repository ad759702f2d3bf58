import { useEffect } from "react";
import { Button, buttonVariants } from "@/app/_components/ui/button";
import { CopyButton } from "@/app/_components/ui/copy-button";
import { digestOf } from "./error-digest";

export type ErrorProps = { error: unknown; retry: () => void };

/** What somebody can do about a mistake of ours. */
export function ErrorMessage({ error, retry }: ErrorProps) {
  const digest = digestOf(error);

  useEffect(() => {
    // The focused element is gone with the page, so focus the heading: screen readers announce the error, again after each failed retry.
    document.querySelector("h1")?.focus();
  }, []);

  return (
    <>
      <p className="text-muted-foreground">It’s on our side. Try again in a moment.</p>
      {digest && (
        <p className="flex items-center gap-1 text-muted-foreground">
          <span>
            Reference: <code className="font-mono text-foreground">{digest}</code>
          </span>
          <CopyButton text={digest} label="reference" />
        </p>
      )}
      <p className="flex flex-wrap gap-3">
        <Button onClick={() => retry()}>Try again</Button>
        <a href="/" className={buttonVariants({ variant: "outline" })}>
          Go to the home page
        </a>
      </p>
    </>
  );
}
