import { freshSecrets, type Secrets } from "../../support/people/secrets";
import { Generator } from "./generator";
import type { Report } from "./report";
import type { Stage } from "./stage";

/** What every section is given. */
export type Context = {
  stage: Stage;
  generator: Generator;
  secrets: Secrets;
  report: Report;
  quick: boolean;
  rounds: number;
};

export type Section = (context: Context) => Promise<void>;

export async function openContext(
  stage: Stage,
  report: Report,
  { quick, rounds }: Pick<Context, "quick" | "rounds">,
): Promise<Context> {
  return { stage, generator: new Generator(), secrets: await freshSecrets(), report, quick, rounds };
}
