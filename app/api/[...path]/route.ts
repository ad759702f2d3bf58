import { Problem } from "@/lib/errors";
import { route } from "@/lib/http/route";

/** What is not there is a problem like any other. Left to the pages, a POST with an odd Origin would even be a 500. */
const nothing = route(async () => {
  throw new Problem("not_found");
});

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
