import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/app/_components/ui/card";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available, UnavailablePage } from "@/app/_components/unavailable";
import { When } from "@/app/_components/when";
import { waitingMails } from "@/lib/current/outbox";

export const metadata: Metadata = { title: "Mail" };

/** The outbox and its links, for developers without a server for mail: in development and in a preview only. */
export default available(async () => {
  const mails = await waitingMails();
  if (!mails) notFound();
  return (
    <main id="main" tabIndex={-1} className="mx-auto max-w-240 space-y-4 px-4 py-6 wide:px-10">
      <PageHeader
        title="Mail"
        description="What would have been sent. Set SMTP_URL, and it is. A mail stays here for a day."
      />
      {mails.length === 0 && (
        <EmptyState>
          <p>No mail yet. Sign up, and there is one.</p>
        </EmptyState>
      )}
      {mails.map(({ id, at, address, subject, text, links }) => (
        <Card key={id}>
          <CardHeader>
            <CardTitle>{subject}</CardTitle>
            <CardDescription>
              <span>{address}</span> · <When at={at.toISOString()} />
            </CardDescription>
          </CardHeader>
          <CardContent>
            {links.map((link) => (
              <p key={link}>
                <a href={link} className="break-all underline">
                  {link}
                </a>
              </p>
            ))}
            <details className="mt-2">
              <summary>Text</summary>
              <pre className="mt-2 overflow-x-auto whitespace-pre-wrap break-words text-sm">{text}</pre>
            </details>
          </CardContent>
        </Card>
      ))}
    </main>
  );
}, UnavailablePage);
