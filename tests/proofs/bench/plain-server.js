import { createServer } from "node:http";

// What node:http itself costs: one answer to everything, of the same headers and about the same size as that of a check.

const BODY = JSON.stringify({ padding: "x".repeat(600) });
const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Type": "application/json",
  "Content-Length": BODY.length,
};

createServer((_, response) => {
  response.writeHead(200, HEADERS);
  response.end(BODY);
}).listen(Number(process.env.PORT), "127.0.0.1");
