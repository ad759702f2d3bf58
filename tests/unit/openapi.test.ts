import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { openApiDocument } from "@/app/api/_openapi/document";
import { ENDPOINTS } from "@/lib/verifier/answers";
import { ROOT } from "../support/http/server";

const document = openApiDocument();
const METHODS = ["get", "post", "put", "patch", "delete"];

/** The methods that a route file has itself, by its path as OpenAPI spells it. */
function routes(): string[] {
  const files = ["app/api", "app/.well-known"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  return files
    .filter((file) => file.endsWith("/route.ts") && !file.includes("[...path]"))
    .flatMap((file) => {
      const path = file
        .replace(/^app/, "")
        .replace(/\/route\.ts$/, "")
        .replace(/\[(\w+)\]/g, "{$1}");
      const source = readFileSync(join(ROOT, file), "utf8");
      const own = [...source.matchAll(/^export (?:const|async function|function) ([A-Z]+)\b/gm)].map(
        ([, name = ""]) => name.toLowerCase(),
      );
      return own.filter((name) => METHODS.includes(name)).map((name) => `${name} ${path}`);
    })
    .sort();
}

const paths = Object.entries(document.paths as Record<string, Record<string, unknown>>);

/** The operations of the app, or of the verifier, whose paths name a server of their own. */
const described = ({ ofVerifier = false } = {}) =>
  paths
    .filter(([, item]) => "servers" in item === ofVerifier)
    .flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => `${method} ${path}`),
    )
    .sort();

/** Every object in the document, with where it stands. */
function* objectsIn(value: unknown, at = "#"): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  yield [at, value as Record<string, unknown>];
  for (const [name, each] of Object.entries(value)) yield* objectsIn(each, `${at}/${name}`);
}

describe("the OpenAPI document", () => {
  test("is committed as it is served; `npm test -- unit openapi -u` writes it", async () => {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(ROOT, "docs", "openapi.json"));
  });

  test("has every route with every method, and no other", () => {
    expect(routes().length).toBeGreaterThan(25);
    expect(described()).toEqual(routes());
  });

  test("has every path of the verifier with every method, besides those that the app has, too", () => {
    const served = Object.entries(ENDPOINTS).flatMap(([path, { methods }]) =>
      (methods === "any" ? METHODS : methods).map((method) => `${method.toLowerCase()} ${path}`),
    );
    const own = served.filter((each) => !each.startsWith("head ") && !described().includes(each));
    expect(described({ ofVerifier: true })).toEqual(own.sort());
  });

  test("points at nothing that is not there, and every schema is one", () => {
    const ajv = new Ajv2020({ strict: false });
    const pointers = new Set<string>();
    for (const [at, object] of objectsIn(document)) {
      if (typeof object.$ref === "string") pointers.add(object.$ref);
      if (at.endsWith("/schema")) expect(ajv.validateSchema(object), at).toBe(true);
    }
    expect(pointers.size).toBeGreaterThan(3);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    for (const pointer of pointers)
      expect(Object.keys(schemas)).toContain(pointer.replace("#/components/schemas/", ""));
  });

  test("names each operation once", () => {
    const ids = [...objectsIn(document)].flatMap(([, { operationId }]) => operationId ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(described().length + described({ ofVerifier: true }).length);
  });
});
