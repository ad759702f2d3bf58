"use client";

import { Button, buttonClass } from "./_components/button";
import { digestOf } from "./_components/error-digest";
import { MessagePage } from "./_components/message-page";

export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const digest = digestOf(error);
  return (
    <MessagePage title="Something went wrong">
      <p className="text-soft">That was our mistake, not yours. Try again in a moment.</p>
      {digest && (
        <p className="text-soft">
          If you report this, mention <code className="font-mono text-ink">{digest}</code>.
        </p>
      )}
      <p className="flex flex-wrap gap-3">
        <Button look="primary" onClick={() => retry()}>
          Try again
        </Button>
        <a href="/" className={buttonClass("quiet")}>
          Go to the start
        </a>
      </p>
    </MessagePage>
  );
}
