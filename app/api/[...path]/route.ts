import { Problem } from "@/lib/errors";
import { route } from "@/lib/http/route";

const refuse = route(async () => {
  throw new Problem("not_found");
});

/** What is not there is a problem like any other. Left to the pages, a POST with an odd Origin would even be a 500. */
const nothing = (request: Request) => refuse(request, { params: Promise.resolve({}) });

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
