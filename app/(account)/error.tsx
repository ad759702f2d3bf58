"use client";

import { ErrorMessage, type ErrorProps } from "@/app/_components/error-message";

/** In place of a page of the account only: the way out of the account stays where it is. */
export default function ErrorPage(props: ErrorProps) {
  return (
    <div className="max-w-xl">
      <ErrorMessage {...props} />
    </div>
  );
}
