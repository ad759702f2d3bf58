import { applyLoad } from "./generator-load";
import { awaitEnd, openStreams } from "./generator-streams";
import type { Job } from "./jobs";

function perform(job: Job): Promise<unknown> {
  switch (job.kind) {
    case "load":
      return applyLoad(job);
    case "open":
      return openStreams(job);
    case "await-end":
      return awaitEnd(job);
  }
}

process.on("message", (job: Job) => {
  perform(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
