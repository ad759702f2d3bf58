import type { ReactNode } from "react";
import { buttonVariants } from "@/app/_components/ui/button";
import { MessagePage } from "@/app/_components/ui/message-page";
import { PageHeader } from "@/app/_components/ui/page-header";
import { tellRefusal } from "@/lib/current/refusal";
import { PROBLEMS } from "@/lib/errors";
import { HOME } from "@/lib/product";

const TITLE = "Not available right now";
/** An empty address is the page's own, with its query (RFC 3986, 5.4). */
const THIS_PAGE = "";

/** In place of a page while the database cannot answer: a plain link tries again, with a script or without. */
function Unavailable() {
  return (
    <div className="max-w-xl space-y-4">
      <PageHeader title={TITLE} />
      <Words />
    </div>
  );
}

/** The same as a page of its own. */
export function UnavailablePage() {
  return (
    <MessagePage title={TITLE}>
      <Words />
    </MessagePage>
  );
}

function Words() {
  return (
    <>
      <p className="text-muted-foreground">{PROBLEMS.unavailable.title}</p>
      <p>
        <a href={THIS_PAGE} className={buttonVariants()}>
          Try again
        </a>
      </p>
    </>
  );
}

/** In place of a page that is for people with another role. */
function Forbidden() {
  return (
    <div className="max-w-xl space-y-4">
      <PageHeader title="Not for your account" />
      <p className="text-muted-foreground">Only administrators can see this page.</p>
      <p>
        <a href={HOME} className={buttonVariants()}>
          Back to your account
        </a>
      </p>
    </div>
  );
}

/**
 * A page that answers for its errors: with a 503 while nobody can answer, and a 403 where the role is missing. For every page
 * that asks the database: an error thrown on by a page leaves nothing without a script, and a 500.
 */
export function available<Props>(
  page: (props: Props) => Promise<ReactNode>,
  Instead: () => ReactNode = Unavailable,
): (props: Props) => Promise<ReactNode> {
  return async (props) => {
    try {
      return await page(props);
    } catch (error) {
      const refusal = await tellRefusal(error);
      if (!refusal) throw error;
      return refusal === "forbidden" ? <Forbidden /> : <Instead />;
    }
  };
}
