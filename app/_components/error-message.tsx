import { useEffect } from "react";
import { digestOf } from "./error-digest";

export type ErrorProps = { error: unknown; retry: () => void };

/** What somebody can do about a mistake of ours. Every page loads this, so it takes few parts. */
export function ErrorMessage({ error, retry }: ErrorProps) {
  const digest = digestOf(error);

  useEffect(() => {
    // The focused element is gone with the page, so focus the heading: screen readers announce the error, again after each failed retry.
    document.querySelector("h1")?.focus();
  }, []);

  return (
    <div className="space-y-4">
      <h1 tabIndex={-1} className="ui-page-title">
        Something went wrong
      </h1>
      <p className="text-muted-foreground">It’s on our side. Try again in a moment.</p>
      {digest && (
        <p className="text-muted-foreground">
          Reference: <code className="select-all font-mono text-foreground">{digest}</code>
        </p>
      )}
      <p className="flex flex-wrap gap-3">
        <button type="button" onClick={() => retry()} className="ui-button ui-button-default">
          Try again
        </button>
        <a href="/" className="ui-button ui-button-outline">
          Go to the home page
        </a>
      </p>
    </div>
  );
}
