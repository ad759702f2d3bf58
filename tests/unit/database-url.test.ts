import { describe, expect, test } from "vitest";
import { databaseUrlProblem, ignoredOf } from "@/lib/database/url";

describe("a database URL is taken", () => {
  test.each([
    "postgresql://app@db.example.com/app",
    "postgres://app:p%40ss@db.example.com:5432/app?sslmode=verify-full",
    "postgresql://app:secret@[2001:db8::1]:5433/app",
    "postgresql:///app?host=/var/run/postgresql",
    "postgresql://app@/app?host=/var/run/postgresql",
    "postgresql://app:a,b@db.example.com/app",
    "postgresql://app@db.example.com/app?schema=public",
    "postgresql://app@db.example.com/app?schema=&pgbouncer=true&connection_limit=1",
    "postgresql://app@db.example.com/app?options=endpoint%3Dep-cool-name",
    "postgresql://app@db.example.com/app?options=-c%20statement_timeout%3D5s",
  ])("%s", (url) => {
    expect(databaseUrlProblem(url)).toBeNull();
  });
});

describe("a database URL is refused, and what is wrong with it is named", () => {
  test.each([
    ["mysql://app@db.example.com/app", "postgresql://"],
    ["postgresql://app@db.example.com:port/app", "postgresql://"],
    ["postgresql://app@db.example.com/app?schema=app", '"app" (?schema=)'],
    ["postgresql://app@db.example.com/app?search_path=app", '"app" (?search_path=)'],
    ["postgresql://app@db.example.com/app?currentSchema=app", '"app" (?currentSchema=)'],
    ["postgresql://app@db.example.com/app?schema=Public", '"Public" (?schema=)'],
    ["postgresql://app@db.example.com/app?schema=public&schema=other", '"other" (?schema=)'],
    ["postgresql://app@db.example.com/app?options=-c%20search_path%3Dapp", "search_path"],
    ["postgresql://app@db.example.com/app?options=-csearch_path=app,public", "search_path"],
    ["postgresql://app@db.example.com/app?options=--search-path%3Dapp", "search_path"],
    ["postgresql://app@db.example.com/app?options=-c+Search_Path%3Dapp", "search_path"],
    ["postgresql://app@db.example.com/app?options=-c%20jit=off&options=-c%20search_path=app", "search_path"],
    ["postgresql://a.example.com,b.example.com/app", "several hosts"],
    ["postgresql://app@a.example.com:5432,b.example.com:5432/app", "several hosts"],
    ["postgresql://app@db.example.com/app?host=a,b", "several hosts"],
    ["postgresql://app@db.example.com/app?replication=database", "replication"],
  ])("%s", (url, named) => {
    expect(databaseUrlProblem(url)).toContain(named);
  });
});

test("parameters that have no effect are told by name, and no value with them", () => {
  const url =
    "postgresql://app@db.example.com/app?schema=public&pgbouncer=true&sslmode=disable&connection_limit=1&target_session_attrs=read-write&options=-c%20TimeZone%3DAsia/Tokyo%20-c%20jit%3Doff";
  expect(ignoredOf(url)).toEqual(["connection_limit", "target_session_attrs", "timezone"]);
});
