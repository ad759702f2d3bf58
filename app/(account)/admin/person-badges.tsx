import { Badge } from "@/app/_components/ui/badge";
import type { PersonView } from "@/lib/current/people";

/** What sets an account apart from most. */
export function PersonBadges({ person }: { person: PersonView }) {
  return (
    <>
      {person.role === "admin" && <Badge>Administrator</Badge>}
      {person.disabled_at && <Badge variant="destructive">Disabled</Badge>}
    </>
  );
}
