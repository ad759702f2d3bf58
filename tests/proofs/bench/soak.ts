import type { Context } from "./context";
import { bearer, requestBytes } from "./http";
import { startInstance, startVerifierInstance } from "./instance";
import { populate, Signer } from "./population";
import { megabytes, number, progress } from "./report";
import { CONNECTIONS } from "./slices";

const CHECKS = 5_000_000;
const ROUNDS = 10;
/** Sessions that are checked in a round; then they end, and others take their place. */
const IN_USE = 500;

/** Whether the verifier keeps its memory: five million checks of sessions that come and go. */
export async function soak(context: Context): Promise<void> {
  const { stage, secrets, report, generator, quick } = context;
  const perRound = (quick ? CHECKS / 25 : CHECKS) / ROUNDS;
  const population = { people: IN_USE * (ROUNDS + 1), live: 1, ended: 0 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  const signer = new Signer(secrets, population);
  const app = await startInstance({ databaseUrl, secrets });
  // So few that every place is taken early: what grows afterwards is a leak.
  const env = { CACHED_SESSIONS: String(2 * IN_USE) };
  const gate = await startVerifierInstance({ databaseUrl, secrets, env });

  const rows: string[][] = [];
  let checks = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}`);
    const callers = signer.callers(round * IN_USE, IN_USE);
    const tokens = callers.map(({ token }) => bearer(token));
    const send = (port: number, method: string, path: string, status: number) => {
      const requests = tokens.map((headers) => requestBytes(method, path, headers));
      return { kind: "load", port, connections: CONNECTIONS, requests, status } as const;
    };
    // The first round only warms up.
    const wanted = round === 0 ? perRound / 10 : perRound;
    let done = 0;
    const verify = send(gate.port, "GET", "/verify", 200);
    while (done < wanted) {
      const { latencies } = await generator.run({ ...verify, milliseconds: 5_000 });
      done += latencies.length;
    }
    await generator.run(send(app.port, "POST", "/api/auth/logout", 204));
    await generator.run(send(gate.port, "GET", "/verify", 401));
    if (round > 0) checks += done;
    const { rss, heapUsed, external } = await gate.weigh();
    rows.push([number(checks), megabytes(heapUsed), megabytes(external), megabytes(rss)]);
  }
  report.heading("Soak");
  report.text(
    `${number(checks)} checks at one verifier; after each round its ${IN_USE} sessions end and others take their place. ` +
      "Weighed after a garbage collection.",
  );
  report.table(["checks so far", "heap in use", "beside the heap", "resident"], rows);
  await Promise.all([app, gate].map((instance) => instance.stop()));
}
