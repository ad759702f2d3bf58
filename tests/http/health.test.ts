import { expect, inject, test } from "vitest";
import { program } from "../support/http/client";

const server = inject("plain");

test("a healthy server is alive and ready, and nobody keeps that answer", async () => {
  for (const path of ["/api/health/live", "/api/health/ready"]) {
    const answer = await program(server).get(path);
    expect(answer.status, path).toBe(200);
    expect(answer.json(), path).toEqual({ status: "ok" });
    expect(answer.headers["cache-control"], path).toBe("no-store");
  }
});
