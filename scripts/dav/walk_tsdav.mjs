// tsdav: discovery, and every request that its functions for address books send.
import assert from "node:assert/strict";

import { createDAVClient } from "tsdav";

const [serverUrl, username, password] = process.argv.slice(2);
const options = { serverUrl, authMethod: "Basic", defaultAccountType: "carddav" };
const client = await createDAVClient({ ...options, credentials: { username, password } });
await assert.rejects(createDAVClient({ ...options, credentials: { username, password: "wrong" } }));

const card = (name) =>
    `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ts-1\r\nN:;${name};;;\r\nFN:${name}\r\nX-EXAMPLE:stored\r\nEND:VCARD\r\n`;
const byText = (cards, text) => cards.find((found) => found.data.includes(text));
const ok = (response, status) => assert.equal(response.status, status, `${response.url}: ${response.statusText}`);

// A contact of the REST API exists: Іван.
const [addressBook, ...others] = await client.fetchAddressBooks();
assert.equal(others.length, 0);
assert.ok(addressBook.ctag && addressBook.syncToken, JSON.stringify(addressBook));
assert.ok(addressBook.reports.includes("syncCollection"), JSON.stringify(addressBook));
assert.ok(byText(await client.fetchVCards({ addressBook }), "Іван"));

ok(await client.createVCard({ addressBook, filename: "ts-1.vcf", vCardString: card("Леся") }), 201);
ok(await client.createVCard({ addressBook, filename: "ts-1.vcf", vCardString: card("Леся") }), 412);
const created = byText(await client.fetchVCards({ addressBook }), "UID:ts-1");
assert.ok(created.data.includes("X-EXAMPLE:stored"), created.data);

ok(await client.updateVCard({ vCard: { ...created, data: card("Лариса") } }), 204);
ok(await client.updateVCard({ vCard: { ...created, data: card("Олена") } }), 412);
assert.ok((await client.isCollectionDirty({ collection: addressBook })).isDirty);

const changes = async (syncToken) =>
    client.syncCollection({
        url: addressBook.url,
        props: { "d:getetag": {} },
        syncLevel: 1,
        syncToken,
    });
const since = await changes(addressBook.syncToken);
assert.equal(since.filter(({ href }) => href?.endsWith("/ts-1.vcf")).length, 1, JSON.stringify(since));

const synced = await client.smartCollectionSync({
    collection: { ...addressBook, objects: [], objectMultiGet: client.addressBookMultiGet },
    method: "webdav",
    detailedResult: true,
});
assert.ok(byText(synced.objects.created, "FN:Лариса"), JSON.stringify(synced));

const updated = byText(await client.fetchVCards({ addressBook }), "UID:ts-1");
ok(await client.deleteVCard({ vCard: created }), 412);
ok(await client.deleteVCard({ vCard: updated }), 204);
const after = await changes(synced.syncToken);
assert.ok(after.some(({ href, status }) => href?.endsWith("/ts-1.vcf") && status === 404), JSON.stringify(after));
assert.equal((await client.fetchVCards({ addressBook })).length, 1);
