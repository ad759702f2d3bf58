import type { Metadata } from "next";
import { buttonVariants } from "@/app/_components/ui/button";
import { MessagePage } from "@/app/_components/ui/message-page";
import { SessionWatch } from "@/app/_session/watch";
import { LogOut } from "./_components/log-out";

export const metadata: Metadata = { title: "Not found" };

/** Only people who are signed in see it: proxy.ts sends everybody else to sign in. */
export default function NotFound() {
  return (
    <>
      <div className="protected">
        <MessagePage title="Page not found" corner={<LogOut />}>
          <p className="text-muted-foreground">The link may be wrong, or the page has moved.</p>
          <p>
            <a href="/" className={buttonVariants()}>
              Go to the home page
            </a>
          </p>
        </MessagePage>
      </div>
      <SessionWatch />
    </>
  );
}
