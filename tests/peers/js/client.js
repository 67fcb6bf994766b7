// Plays a client of gRPC in JavaScript: @grpc/grpc-js, messages from the .proto by @grpc/proto-loader.
//
// usage: node client.js PROTO HOST:PORT CA PART [ARGUMENT...]
//
// Each part is a function below: it fails by an assertion, or prints what the test looks at.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [proto, target, ca, part, ...rest] = process.argv.slice(2);
const files = ["auth", "deal", "inbox"].map((name) => `jiayi/v1/${name}.proto`);
const { v1 } = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs: [proto], keepCase: true, longs: String, arrays: true })).jiayi;
const credentials = grpc.credentials.createSsl(fs.readFileSync(ca));
const auth = new v1.AuthService(target, credentials);
const deals = new v1.DealService(target, credentials);
const inbox = new v1.InboxService(target, credentials);

function metadata(fields) {
  const m = new grpc.Metadata();
  for (const [name, value] of Object.entries(fields)) m.set(name, value);
  return m;
}

function call(service, method, request, token, more = {}) {
  const fields = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...more };
  return new Promise((resolve, reject) => {
    service[method](request, metadata(fields), { deadline: Date.now() + 20000 }, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

async function signIn(email, file) {
  const password = fs.readFileSync(file, "utf8").trim();
  return (await call(auth, "SignIn", { email, password })).token;
}

const parts = {
  // Signs in, watches, creates a deal, lists it, moves it, reads it; what fails has its code and its details.
  async main_job(email, file, ownerEmail, ownerFile) {
    const token = await signIn(email, file);
    assert.equal((await call(auth, "WhoAmI", {}, token)).email, email);
    const made = await call(deals, "CreateDeal", { title: "深圳港口自动化", customer: "深圳港务集团", amount: { amount: "3500000", currency: "CNY" } }, token);
    const listed = await call(deals, "ListDeals", {}, token);
    assert.ok(listed.deals.some((d) => d.id === made.id));
    // Somebody else moves it: who owns it is told.
    const stream = inbox.WatchInbox({}, metadata({ authorization: `Bearer ${token}` }));
    const told = [];
    const moved = new Promise((resolve, reject) => {
      stream.on("error", (e) => (e.code === grpc.status.CANCELLED ? resolve() : reject(e)));
      stream.on("data", (answer) => {
        told.push(...answer.items);
        if (told.some((i) => i.on === `deal/${made.id}` && i.to === "quoted")) stream.cancel();
      });
    });
    await new Promise((resolve) => stream.once("data", resolve));
    const other = await signIn(ownerEmail, ownerFile);
    await call(deals, "MoveDeal", { deal_id: made.id, stage: "quoted" }, other, { "jiayi-request-id": "00112233445566778899aabbccddeeff" });
    await moved;
    assert.equal((await call(deals, "GetDeal", { deal_id: made.id }, token)).stage, "quoted");
    await assert.rejects(call(deals, "GetDeal", { deal_id: "999999" }, token), (e) => {
      assert.equal(e.code, grpc.status.NOT_FOUND);
      assert.ok(e.metadata.get("grpc-status-details-bin")[0].includes("RequestInfo"));
      return true;
    });
    await assert.rejects(call(deals, "GetDeal", { deal_id: made.id }), (e) => e.code === grpc.status.UNAUTHENTICATED);
    console.log(made.id);
  },
};

parts[part](...rest).then(
  () => process.exit(0),
  (e) => {
    console.error(e);
    process.exit(1);
  },
);
