-- Requests for wrk, each of a random user: wrk -s requests.lua URL -- TEMPLATE USERS COUNT
--
-- TEMPLATE is a file with a whole HTTP request. {user}, {token}, {contact} and {state} are replaced with a line of the file
-- USERS, whose fourth column may be missing, {random} with twelve digits. COUNT is the number of users to choose from: with 1 every request is of the first user.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("thread_number", threads)
end

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    template = file:read("*a")
    file:close()
    users = {}
    for line in io.lines(arguments[2]) do
        local user, token, contact, state = line:match("^(%S+)\t(%S+)\t(%S+)\t?(%S*)$")
        users[#users + 1] = { user = user, token = token, contact = contact, state = state }
        if #users == tonumber(arguments[3]) then
            break
        end
    end
    math.randomseed(os.time() * 100 + thread_number)
end

function request()
    local user = users[math.random(#users)]
    user.random = string.format("%012d", math.random(0, 999999999999))
    return (template:gsub("{(%l+)}", user))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "microseconds": %d, "statuses": %d, "failures": %d, "p50": %d, "p99": %d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
