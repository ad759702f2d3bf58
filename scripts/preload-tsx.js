// @ts-check
import { compileTypeScript } from "./tsx.js";

// For `node --import`, where a program of the tests is TypeScript from its first line.
await compileTypeScript();
