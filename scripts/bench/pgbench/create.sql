\set number random(1, :users)
BEGIN;
UPDATE owners SET contacts = contacts + 1 WHERE id = ('01930000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid RETURNING contacts;
INSERT INTO created (id, owner_id, document, favorite, search_text, first_name_sort, last_name_sort, birthday_sort, version, created_at, updated_at) SELECT gen_random_uuid(), ('01930000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid, document, false, document, convert_to('Олена', 'UTF8'), convert_to('Коваленко', 'UTF8'), 228, 1, now(), now() FROM (VALUES ('{"first_name":"Олена","last_name":"Коваленко","organization":"Калина","emails":[{"label":"home","address":"olena.kovalenko@example.com"}],"phones":[{"label":"mobile","number":"+380 67 111-22-33"}],"birthday":"1990-02-28","notes":"Зустріли на каві, любить гори і тишу, дзвонити після шостої","tags":["друзі"],"favorite": false}')) AS new(document);
COMMIT;
