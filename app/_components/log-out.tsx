import { Button } from "@/app/_components/ui/button";

/** A plain form: it works without a script, and the full navigation leaves no page behind. */
export function LogOut() {
  return (
    <form method="post" action="/api/auth/logout">
      <Button variant="ghost" size="sm" type="submit">
        Sign out
      </Button>
    </form>
  );
}
