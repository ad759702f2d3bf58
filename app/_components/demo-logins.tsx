import { Button } from "@/app/_components/ui/button";
import { CopyButton } from "@/app/_components/ui/copy-button";
import { DEMO_PASSWORD, DEMO_USERS, showDemo } from "@/lib/demo";

/** How to sign in with the demo accounts, with a button for each; nothing in production. */
export function DemoLogins({ next }: { next: string | null }) {
  if (!showDemo()) return null;
  return (
    <section aria-labelledby="demo" className="mt-8 border-border border-t pt-6">
      <h2 id="demo" className="font-semibold">
        Demo accounts
      </h2>
      <p className="mt-1 flex flex-wrap items-center gap-x-1 text-muted-foreground">
        <span>Development only. Password:</span>
        <span className="inline-flex items-center gap-1">
          <code className="whitespace-nowrap font-mono text-[0.8125rem] text-foreground">
            {DEMO_PASSWORD}
          </code>
          <CopyButton text={DEMO_PASSWORD} label="password" />
        </span>
      </p>
      <ul className="mt-3 flex flex-wrap gap-3">
        {DEMO_USERS.map(({ email, name }) => (
          <li key={email} className="wrap-anywhere">
            <form method="post" action="/api/auth/login">
              <input type="hidden" name="email" value={email} />
              <input type="hidden" name="password" value={DEMO_PASSWORD} />
              <input type="hidden" name="cookies" value="expected" />
              {next && <input type="hidden" name="next" value={next} />}
              <Button variant="outline" type="submit" className="flex-col gap-0!">
                Sign in as {name}
                <span className="font-normal text-sm text-muted-foreground">{email}</span>
              </Button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  );
}
