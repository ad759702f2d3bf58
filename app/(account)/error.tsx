"use client";

import { ErrorMessage, type ErrorProps } from "@/app/_components/error-message";

/** In place of a page of the account only: the way out of the account stays where it is. */
export default function ErrorPage(props: ErrorProps) {
  return (
    <div className="max-w-xl space-y-4">
      <h1 tabIndex={-1} className="ui-page-title">
        Something went wrong
      </h1>
      <ErrorMessage {...props} />
    </div>
  );
}
