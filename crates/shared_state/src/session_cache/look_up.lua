-- KEYS: the state of a user, the entry of a session or an app password. ARGV: an initial state, its lifetime in milliseconds.
-- Returns the user's state, and the entry if it was stored in that state.
local state = redis.call('GET', KEYS[1])
if not state then
    -- Always a new state, never an earlier one: entries of an earlier state must stay invalid.
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return {ARGV[1], false}
end
local entry = redis.call('GET', KEYS[2])
if entry and string.sub(entry, 1, #state) == state then
    return {state, string.sub(entry, #state + 1)}
end
return {state, false}
