import { type ReactNode, useEffect, useState } from "react";
import { isOwnChange } from "@/app/_session/own-change";
import type { News } from "@/app/(account)/sessions/_state/rows";

/** Tells a screen reader what changes in the list by itself; what somebody does here is told as its own outcome. */
export function Announcements({ news }: { news: News }) {
  const [said, setSaid] = useState<{ words: ReactNode; count: number }>({ words: null, count: 0 });
  useEffect(() => {
    const [added] = news.added;
    const [ended] = news.ended;
    const words = added ? (
      <>
        New sign-in: <bdi>{added.name}</bdi>, just now.
      </>
    ) : ended && !isOwnChange() ? (
      <>
        <bdi>{ended.name}</bdi> was signed out.
      </>
    ) : null;
    if (words) setSaid(({ count }) => ({ words, count: count + 1 }));
  }, [news]);
  return (
    <div aria-live="polite" className="sr-only">
      {said.words && <p key={said.count}>{said.words}</p>}
    </div>
  );
}
