"use client";

import { MessagePage } from "@/app/_components/ui/message-page";
import { ErrorMessage, type ErrorProps } from "./_components/error-message";
import { LogOut } from "./_components/log-out";

/** In place of any page, signed in or not: the way out of an account is there, should there be one. */
export default function ErrorPage(props: ErrorProps) {
  return (
    <MessagePage title="Something went wrong" corner={<LogOut />}>
      <ErrorMessage {...props} />
    </MessagePage>
  );
}
