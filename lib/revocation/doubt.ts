import "server-only";
import { log } from "@/lib/log";
import { noteDoubt, noteEnded } from "./ended";
import { isInUse } from "./cache";
import { applyNews, type News } from "./notifications";
import { inRounds } from "@/lib/batch";
import { whichHaveEnded } from "@/lib/session/queries";

// News is a reason to look again, never to refuse: every role that may connect to the database can tell some.

/** Takes news that the feed brought: forgets what it is about, and reads the rows of sessions that are said to be over. */
export function hearNews(news: News): void {
  const isSaidToBeOver = news.kind === "ended" || news.kind === "deleted";
  // Sessions that this instance does not use are not its business, and nobody can make it read them.
  const concernsUs = isSaidToBeOver && isInUse(news.sessionId);
  applyNews(news);
  if (concernsUs) noteDoubt(news.sessionId, lookAgain([news.sessionId]));
}

const lookAgain = inRounds(async (sids: string[]) => {
  try {
    for (const sid of await whichHaveEnded(sids)) noteEnded(sid);
  } catch (error) {
    // The gate will ask.
    log.error("ends_not_looked_up", { sessions: sids.length, error });
  }
});
