import { accepted } from "@sallyport/domain";
import { mayChange, mayProve, maySee } from "../permissions.ts";
import { doneOr, noSuch } from "../refusals.ts";
import { answers } from "./answers.ts";
import { entryId, fileBytes, fileId, fileName } from "./fields.ts";
import { longRequestBytesMax, request } from "./request.ts";

/* Requests about files that prove entries. */

const gone = noSuch("file_id", "proof");

export const addProof = request({
  type: 18,
  name: "AddProof",
  doc: "add a file that proves an entry",
  http: { method: "POST", path: "/entries/{entry_id}/proofs" },
  fields: { entry_id: entryId, filename: fileName, file: fileBytes },
  about: "entry",
  changes: true,
  bytesMax: longRequestBytesMax,
  who: "the author with write",
  may: ({ asker, subject }) => mayProve(asker, subject),
  data: answers.nothing,
  carryOut: (store, { subject, values }) =>
    store.proofs.add(subject, { name: values.filename, bytes: values.file }),
});

export const downloadProof = request({
  type: 19,
  name: "DownloadProof",
  doc: "get the content of a proof, in base64",
  http: { method: "GET", path: "/proofs/{file_id}" },
  fields: { file_id: fileId },
  about: "proof",
  changes: false,
  hasLongAnswer: true,
  who: "read if the entry is verified, the author with write, and moderate",
  may: ({ asker, subject }) => maySee(asker, subject),
  data: answers.file,
  async carryOut(store, { subject }) {
    const bytes = await store.proofs.bytes(subject);
    return bytes === null ? gone : accepted(bytes.toString("base64"));
  },
});

export const removeProof = request({
  type: 20,
  name: "RemoveProof",
  doc: "remove a proof",
  http: { method: "DELETE", path: "/proofs/{file_id}" },
  fields: { file_id: fileId },
  about: "proof",
  changes: true,
  who: "the author with write, and moderate",
  may: ({ asker, subject }) => mayChange(asker, subject),
  data: answers.nothing,
  carryOut: async (store, { subject }) => doneOr(await store.proofs.remove(subject), gone),
});
