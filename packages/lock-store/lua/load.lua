#!lua flags=no-writes
-- Reads one lock together with the clock that its deadline is on.
--
-- KEYS[1] the lock
--
-- Returns {now in ms, version, value}; version and value are left out when there is no lock

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local lock = redis.call("HMGET", KEYS[1], "version", "value")
if not lock[1] then
  return { nowMs }
end
return { nowMs, tonumber(lock[1]), lock[2] }
