import { explainSignOut } from "@/lib/session/current";

export default async function Page() {
  return <pre>{JSON.stringify(await explainSignOut())}</pre>;
}
