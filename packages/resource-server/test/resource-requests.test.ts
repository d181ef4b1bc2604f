import { describe, expect, test } from "vitest";
import { placeOf } from "../src/http/http-fields.ts";
import { openApiDocument } from "../src/http/open-api.ts";
import { longRequestBytesMax, usualRequestBytesMax } from "../src/requests/request.ts";
import { requestOfType, resourceRequests } from "../src/requests/resource-requests.ts";

describe("the table of requests", () => {
  test("has the numbers 1 to 21 of the seed, in order", () => {
    expect(resourceRequests.map(({ type }) => type)).toEqual(
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
    expect(resourceRequests.every((row) => requestOfType(row.type) === row)).toBe(true);
    expect([requestOfType(0), requestOfType(22), requestOfType(1.5)]).toEqual([null, null, null]);
  });

  test("has each name and each route once", () => {
    expect(new Set(resourceRequests.map(({ name }) => name)).size).toBe(21);
    expect(new Set(resourceRequests.map(({ http }) => `${http.method} ${http.path}`)).size).toBe(21);
  });

  test("changes something if and only if it is no GET", () => {
    for (const { name, changes, http } of resourceRequests) expect(changes, name).toBe(http.method !== "GET");
  });

  test("has each field of a path", () => {
    for (const { name, http, fields } of resourceRequests)
      for (const [, field = ""] of http.path.matchAll(/\{(\w+)\}/g))
        expect(fields, name).toHaveProperty(field);
  });

  test("takes only whole numbers in paths and queries", () => {
    for (const row of resourceRequests)
      for (const [field, schema] of Object.entries(row.fields))
        if (placeOf(row, field) !== "body")
          expect(schema.safeParse(1).success, `${row.name}.${field}`).toBe(true);
  });

  test("takes a long request only for a proof", () => {
    const long = resourceRequests.filter(
      ({ bytesMax = usualRequestBytesMax }) => bytesMax > usualRequestBytesMax,
    );
    expect(long.map(({ name, bytesMax }) => [name, bytesMax])).toEqual([["AddProof", longRequestBytesMax]]);
  });
});

describe("the OpenAPI document", () => {
  const document = openApiDocument("1.2.3") as {
    readonly paths: {
      readonly [path: string]: { readonly [method: string]: { readonly operationId: string } };
    };
  };

  test("has an operation for each request, with its fields in their places", () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, method.toUpperCase(), path]),
    );
    const rows = resourceRequests.map(({ name, http }) => [name, http.method, http.path]);
    expect(new Set(operations.map(String))).toEqual(new Set(rows.map(String)));
    expect(document.paths["/leaderboards/{leaderboard_id}/entries"]?.["post"]).toMatchObject({
      parameters: [{ name: "leaderboard_id", in: "path", required: true }],
      requestBody: {
        content: { "application/json": { schema: { required: ["score", "comment"] } } },
      },
    });
    expect(document.paths["/users"]?.["get"]).toMatchObject({
      parameters: [
        { name: "limit", in: "query", required: false },
        { name: "offset", in: "query", required: false },
      ],
    });
  });

  test("is JSON, and says how a request fails", () => {
    const read = JSON.parse(JSON.stringify(document));
    expect(read).toEqual(document);
    expect(Object.keys(read.paths["/me"].get.responses)).toEqual([
      "200",
      "400",
      "401",
      "403",
      "404",
      "409",
      "413",
      "429",
      "503",
    ]);
  });
});
