// Walks through the API with the client of openapi-typescript and openapi-fetch.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import createClient from "openapi-fetch";

import type { paths } from "./schema.d.ts";

const [base, mails, picture] = process.argv.slice(2) as [string, string, string];
const email = "typescript@example.com";
const password = "correct horse battery";

let access = "";
const api = createClient<paths>({ baseUrl: base });
api.use({
    onRequest({ request }) {
        if (access) request.headers.set("authorization", `Bearer ${access}`);
        return request;
    },
});

/** Returns the data of a response, or fails with its problem. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }): T {
    assert.ok(answer.response.ok, `${answer.response.status}: ${JSON.stringify(answer.error)}`);
    return answer.data as T;
}

async function token(): Promise<string> {
    for (let tries = 0; tries < 100; tries++) {
        const text = readFileSync(mails, "utf8");
        const found = text.match(new RegExp(`${email} ([0-9a-f]{64})`));
        if (found?.[1]) return found[1];
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("no mail");
}

const user = good(await api.POST("/api/auth/register", { body: { username: "Олена", email, password } }));
assert.equal(user.email_verified, false);
good(await api.POST("/api/auth/verify-email", { body: { token: await token() } }));
const wrong = await api.POST("/api/auth/login", { body: { email, password: "wrong password" } });
assert.equal(wrong.error?.code, "invalid-credentials");
const pair = good(await api.POST("/api/auth/login", { body: { email, password } }));
access = pair.access_token;
assert.equal(good(await api.GET("/api/me")).email, email);
assert.equal(good(await api.PATCH("/api/me", { body: { timezone: "Europe/Kyiv", locale: "uk" } })).locale, "uk");

const lesia = { first_name: "Леся", last_name: "Українка", birthday: "1871-02-25", tags: ["Поети"] };
const header = { "Idempotency-Key": crypto.randomUUID() };
const created = await api.POST("/api/contacts", { body: lesia, params: { header } });
const { id } = good(created);
assert.equal(good(await api.POST("/api/contacts", { body: lesia, params: { header } })).id, id);
const found = good(await api.GET("/api/contacts", { params: { query: { q: "укра", sort: "last_name", limit: 10 } } }));
assert.deepEqual([found.total, found.items[0]?.birthday], [1, "1871-02-25"]);
const path = { id };
const read = await api.GET("/api/contacts/{id}", { params: { path } });
const etag = read.response.headers.get("etag") ?? "";
const patch = { nickname: "Зірка", birthday: null };
const changed = good(
    await api.PATCH("/api/contacts/{id}", { params: { path, header: { "If-Match": etag } }, body: patch }),
);
assert.deepEqual([changed.nickname, changed.birthday, changed.favorite], ["Зірка", null, false]);
const stale = await api.PATCH("/api/contacts/{id}", { params: { path, header: { "If-Match": etag } }, body: patch });
assert.equal(stale.error?.code, "contact-changed");
const { id: _, photo_url: __, created_at: ___, updated_at: ____, ...card } = good(read);
assert.equal(good(await api.PUT("/api/contacts/{id}", { params: { path }, body: card })).birthday, "1871-02-25");
const form = new FormData();
form.append("file", new Blob([readFileSync(picture)]), "photo.png");
const photo = await api.PUT("/api/contacts/{id}/photo", {
    params: { path },
    body: { file: "" },
    bodySerializer: () => form,
});
assert.ok(good(photo).photo_url);
good(await api.GET("/api/contacts/birthdays", { params: { query: { days: 366 } } }));
assert.equal(good(await api.GET("/api/contacts/tags")).items[0]?.tag, "Поети");
const batch = good(
    await api.POST("/api/contacts/batch", {
        body: {
            operations: [
                { op: "create", contact: { first_name: "Іван" } },
                { op: "update", id, contact: { favorite: true } },
            ],
        },
    }),
);
assert.deepEqual(batch.items.map((item) => item.op), ["create", "update"]);
good(await api.DELETE("/api/contacts/{id}", { params: { path } }));
assert.equal(good(await api.GET("/api/contacts/trash")).items[0]?.contact.id, id);
good(await api.POST("/api/contacts/{id}/restore", { params: { path } }));

access = good(await api.POST("/api/auth/refresh", { body: { refresh_token: pair.refresh_token } })).access_token;
assert.equal(good(await api.GET("/api/me/sessions")).items.length, 1);
assert.equal(good(await api.GET("/api/me/export")).contacts.length, 2);
good(await api.POST("/api/auth/logout"));
const ended = await api.GET("/api/me");
assert.equal(ended.error?.code, "access-token-invalid");
access = good(await api.POST("/api/auth/login", { body: { email, password } })).access_token;
good(await api.DELETE("/api/me", { body: { password } }));
console.log("TypeScript: passed");
