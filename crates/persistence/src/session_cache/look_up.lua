-- KEYS: the state of a user, an entry of a session. ARGV: a state to begin with, its life in milliseconds.
-- Gives the user's state, and the entry if it was remembered in that state.
local state = redis.call('GET', KEYS[1])
if not state then
    -- A new one each time, never the one of before: what was remembered then is not believed again.
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return {ARGV[1], false}
end
local entry = redis.call('GET', KEYS[2])
if entry and string.sub(entry, 1, #state) == state then
    return {state, string.sub(entry, #state + 1)}
end
return {state, false}
