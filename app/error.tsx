"use client";

import { ErrorMessage, type ErrorProps } from "./_components/error-message";
import { MessagePage } from "./_components/message-page";

export default function ErrorPage(props: ErrorProps) {
  return (
    <MessagePage title="Something went wrong">
      <ErrorMessage {...props} />
    </MessagePage>
  );
}
