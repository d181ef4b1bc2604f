import { z } from "zod";
import { refusalTable } from "../refusals.ts";
import type { AnyRequest } from "../requests/request.ts";
import { resourceRequests } from "../requests/resource-requests.ts";
import { placeOf } from "./http-fields.ts";

/* The OpenAPI document (version 3.1) of the requests, from their table. */

interface JsonObject {
  readonly [key: string]: unknown;
}

const schemaOf = (schema: z.ZodType, io: "input" | "output"): JsonObject => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
};

const isRequired = (schema: z.ZodType): boolean => !schema.safeParse(undefined).success;

const failure = {
  type: "object",
  required: ["success", "data", "refusal"],
  properties: {
    success: { const: false },
    data: { type: "string", description: "a sentence, which names the field that is wrong" },
    refusal: { enum: Object.keys(refusalTable) },
  },
} as const;

const rows = Object.entries(refusalTable);
const failures = Object.fromEntries(
  [...new Set(rows.map(([, { status }]) => status))].map((status) => [
    status,
    {
      description: rows
        .filter(([, row]) => row.status === status)
        .map(([refusal, { doc }]) => `${refusal}: ${doc}`)
        .join("; "),
      content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
    },
  ]),
);

function operationOf(row: AnyRequest): JsonObject {
  const fields = Object.entries(row.fields);
  const parameters = fields
    .filter(([name]) => placeOf(row, name) !== "body")
    .map(([name, schema]) => {
      const { description, ...rest } = schemaOf(schema, "input");
      const place = placeOf(row, name);
      return { name, in: place, required: place === "path" || isRequired(schema), description, schema: rest };
    });
  const inBody = fields.filter(([name]) => placeOf(row, name) === "body");
  const body = {
    type: "object",
    required: inBody.filter(([, schema]) => isRequired(schema)).map(([name]) => name),
    properties: Object.fromEntries(inBody.map(([name, schema]) => [name, schemaOf(schema, "input")])),
  };
  const success = {
    type: "object",
    required: ["success", "data"],
    properties: { success: { const: true }, data: schemaOf(row.data, "output") },
  };
  return {
    operationId: row.name,
    summary: row.doc,
    description: `May: ${row.who}. Over TCP this is the request of type ${row.type}.`,
    ...(parameters.length > 0 && { parameters }),
    ...(inBody.length > 0 && {
      requestBody: { required: true, content: { "application/json": { schema: body } } },
    }),
    responses: {
      200: { description: "done", content: { "application/json": { schema: success } } },
      ...failures,
    },
  };
}

export function openApiDocument(version: string): JsonObject {
  const paths: { [path: string]: { [method: string]: JsonObject } } = {};
  for (const row of resourceRequests) {
    const { method, path } = row.http;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(row) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport resource-server",
      version,
      description: "Leaderboards. Each request carries an identity token that a login-server has given.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { Failure: failure },
    },
  };
}
