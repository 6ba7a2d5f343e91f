"""Damages of the database, each with its repair and the text that must be reported.

{id} is a contact of a writer of REST, {photo} one with a photo, {card} and {other_card} two of a device, {owner} their
owner, {other} another user, and {ended} an ended session of the account.
"""

BREAKS = (
    ("UPDATE users SET contact_count = contact_count + 1", "UPDATE users SET contact_count = contact_count - 1",
     "the count of an owner"),
    ("UPDATE contacts SET change = change + 1000000 WHERE id = {id}",
     "UPDATE contacts SET change = change - 1000000 WHERE id = {id}", "at most the counter"),
    ("INSERT INTO group_cards (owner_id, name, uid, change, version, text) SELECT owner_id, 'g', 'g', change, '3.0', "
     "'FN:g' || char(10) || 'NOTE:v1' FROM contacts WHERE id = {id}", "DELETE FROM group_cards WHERE name = 'g'",
     "a change number is given once"),
    ("UPDATE contacts SET owner_id = x'00' WHERE id = {id}", "UPDATE contacts SET owner_id = {owner} WHERE id = {id}",
     "acknowledged as ('live'"),
    ("UPDATE contacts SET owner_id = x'00' WHERE id = {id}", "UPDATE contacts SET owner_id = {owner} WHERE id = {id}",
     "each row of contacts has one of users"),
    ("UPDATE contacts SET owner_id = x'00' WHERE id = {id}", "UPDATE contacts SET owner_id = {owner} WHERE id = {id}",
     "damaged"),
    ("UPDATE contacts SET deleted_at = created_at, change_before_deletion = 1 WHERE id = {id}",
     "UPDATE contacts SET deleted_at = NULL, change_before_deletion = NULL WHERE id = {id}", "but stored as ('trash'"),
    ("UPDATE contacts SET change_before_deletion = 1 WHERE id = {id}",
     "UPDATE contacts SET change_before_deletion = NULL WHERE id = {id}", "has no number before its deletion"),
    ("UPDATE contacts SET deleted_at = created_at WHERE id = {id}",
     "UPDATE contacts SET deleted_at = NULL WHERE id = {id}", "a contact in the trash has one"),
    ("UPDATE contacts SET card = replace(card, '\"notes\":\"v', '\"notes\":\"x') WHERE id = {id}",
     "UPDATE contacts SET card = replace(card, '\"notes\":\"x', '\"notes\":\"v') WHERE id = {id}", "feed-m holds"),
    ("UPDATE contacts SET card_name = 'other' WHERE id = {id}", "UPDATE contacts SET card_name = NULL WHERE id = {id}",
     "sync-m holds"),
    ("UPDATE contacts SET card = replace(card, '\"first_name\":\"w', '\"first_name\":\"w0-0') WHERE id = {id}",
     "UPDATE contacts SET card = replace(card, '\"first_name\":\"w0-0', '\"first_name\":\"w') WHERE id = {id}",
     "a contact that was purged or never written"),
    ("UPDATE contacts SET card = json_set(card, '$.first_name', (SELECT json_extract(card, '$.first_name') FROM "
     "contacts WHERE id = {other_card})) WHERE id = {card}",
     "UPDATE contacts SET card = json_set(card, '$.first_name', replace(card_name, '.vcf', '')) WHERE id = {card}",
     "two contacts of one request"),
    ("UPDATE group_cards SET text = replace(text, 'NOTE:v', 'NOTE:x')",
     "UPDATE group_cards SET text = replace(text, 'NOTE:x', 'NOTE:v')", "but stored as ('live', 'x"),
    ("UPDATE contact_cards SET change = change + 1000000 WHERE contact_id = {card}",
     "UPDATE contact_cards SET change = change - 1000000 WHERE contact_id = {card}", "not newer than its contact"),
    ("UPDATE contact_cards SET contact_id = x'01' WHERE contact_id = {card}",
     "UPDATE contact_cards SET contact_id = {card} WHERE contact_id = x'01'", "each row of contact_cards"),
    ("UPDATE contact_cards SET owner_id = {other} WHERE contact_id = {card}",
     "UPDATE contact_cards SET owner_id = {owner} WHERE contact_id = {card}", "a card has the owner of its contact"),
    ("UPDATE contact_cards SET uid = 'same' WHERE contact_id IN ({card}, {other_card})",
     "UPDATE contact_cards SET uid = (SELECT json_extract(card, '$.first_name') FROM contacts WHERE id = contact_id) "
     "WHERE uid = 'same'", "a UID names one card"),
    ("INSERT INTO group_cards (owner_id, name, uid, change, version, text) SELECT owner_id, card_name, 'g', -1, '3.0', "
     "'FN:g' || char(10) || 'NOTE:v1' FROM contacts WHERE id = {card}", "DELETE FROM group_cards WHERE uid = 'g'",
     "a name is that of one contact or group"),
    ("UPDATE contacts SET favorite = 1 - favorite WHERE id = {id}",
     "UPDATE contacts SET favorite = 1 - favorite WHERE id = {id}", "a favorite is one in its card"),
    ("UPDATE users SET changes_floor = contact_changes + 1", "UPDATE users SET changes_floor = 0",
     "a floor is at most the counter"),
    ("UPDATE sessions SET previous_used_at = iif(previous_used_at IS NULL, created_at, NULL) WHERE id = {ended}",
     "UPDATE sessions SET previous_used_at = iif(previous_used_at IS NULL, created_at, NULL) WHERE id = {ended}",
     "a session has a whole former token or none"),
    ("INSERT INTO sessions (id, user_id, created_at, last_used_at, token_digest, ended) WITH RECURSIVE n(i) AS (SELECT 1 "
     "UNION ALL SELECT i + 1 FROM n WHERE i < 101) SELECT randomblob(16), {other}, '2020-01-01T00:00:00+00:00', "
     "'2020-01-01T00:00:00+00:00', randomblob(32), 0 FROM n", "DELETE FROM sessions WHERE created_at LIKE '2020-%'",
     "a user has at most 100 sessions"),
    ("INSERT INTO purged_contacts (owner_id, change, contact_id) VALUES ({owner}, -1, {id})",
     "DELETE FROM purged_contacts WHERE change = -1", "a purged contact is gone"),
    ("UPDATE contacts SET photo_key = 'photos/none' WHERE id = {id}",
     "UPDATE contacts SET photo_key = NULL WHERE id = {id}", "a lost picture"),
    ("UPDATE contacts SET photo_key = 'x' || photo_key WHERE id = {photo}",
     "UPDATE contacts SET photo_key = substr(photo_key, 2) WHERE id = {photo}", "acknowledged with photo"),
    ("UPDATE contacts SET photo_key = (SELECT photo_key FROM contacts WHERE id = {photo}) WHERE id = {id}",
     "UPDATE contacts SET photo_key = NULL WHERE id = {id}", "a picture is used once"),
    ("INSERT INTO orphaned_pictures (key, attempts, due_at) SELECT photo_key, 0, '2099-01-01T00:00:00+00:00' FROM "
     "contacts WHERE id = {photo}", "DELETE FROM orphaned_pictures WHERE due_at LIKE '2099%'",
     "a picture in use is not orphaned"),
    ("UPDATE sessions SET ended = 0 WHERE id = {ended}", "UPDATE sessions SET ended = 1 WHERE id = {ended}",
     "1 others, and the password"),
    ("UPDATE sessions SET ended = 0 WHERE id = {ended}", "UPDATE sessions SET ended = 1 WHERE id = {ended}",
     "an ended session of a0 is renewed"),
    ("UPDATE sessions SET ended = 0 WHERE id = {ended}", "UPDATE sessions SET ended = 1 WHERE id = {ended}",
     "an ended session of a0 is accepted"),
    *((f"UPDATE {table} SET {column} = x'00' WHERE {column} = {{owner}}",
       f"UPDATE {table} SET {column} = {{owner}} WHERE {column} = x'00'", f"each row of {table} has one of users")
      for table, column in (("sessions", "user_id"), ("app_passwords", "user_id"), ("known_devices", "user_id"),
                            ("idempotency_keys", "owner_id"), ("group_cards", "owner_id"))),
    ("INSERT INTO purged_contacts (owner_id, change) VALUES (x'00', 1)",
     "DELETE FROM purged_contacts WHERE owner_id = x'00'", "each row of purged_contacts has one of users"),
    ("INSERT INTO one_time_tokens (digest, purpose, user_id, address, expires_at) "
     "VALUES (x'00', 'verify', x'00', 'a@example.com', '2099-01-01T00:00:00+00:00')",
     "DELETE FROM one_time_tokens WHERE user_id = x'00'", "each row of one_time_tokens has one of users"),
)  # fmt: skip
