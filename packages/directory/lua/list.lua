#!lua flags=no-writes
-- What servers tell of themselves, of those whose time is not over.
--
-- KEYS[1] what servers tell: a hash, by id
-- KEYS[2] until when: a sorted set, ids by milliseconds
--
-- Returns {text, text, ...}

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local found = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[2], "(" .. string.format("%.0f", nowMs), "+inf")) do
  found[#found + 1] = redis.call("HGET", KEYS[1], id)
end
return found
