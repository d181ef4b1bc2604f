#!lua
-- Changes one lock if it still has the version that the caller read. All changes of locks use this script. It does
-- not know what a lock means, so no rule in Lua can disagree with the rules in TypeScript.
--
-- KEYS[1] the lock: a hash of version, value, write, deadline, owner. After a delete, only write stays, for a minute
-- KEYS[2] the deadlines of the shard: a sorted set of lock keys, whose scores are the deadlines in milliseconds
-- KEYS[3] the owners of the shard: a sorted set of "owner NUL lock key", ordered by its bytes, as all scores are 0
-- KEYS[4] the highest version that the shard has given
-- KEYS[5] the generation of the shard
-- KEYS[6] a hash: the newest version that each writer made in the shard
-- ARGV[1] the expected version; "0": there must be no lock
-- ARGV[2] the id of this write, used only once
-- ARGV[3] the key of the lock in the indexes
-- ARGV[4] "set" or "delete"
-- ARGV[5] the new value; "" with delete
-- ARGV[6] the new deadline in milliseconds, or "" for none
-- ARGV[7] the new owner, or "" for none
-- ARGV[8] the generation in which the lock was read
-- ARGV[9] the id of the calling store, as a writer
-- ARGV[10] the newest version that this writer knows it made; "0": none
--
-- Returns {1, version, version} after a set, {1, 0, version} after a delete, {1, version} if the write was made before
-- Returns {0, now in ms, version, value} if the lock has another version, {0, now in ms} if there is no lock

if redis.call("GET", KEYS[5]) ~= ARGV[8] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end
if tonumber(redis.call("HGET", KEYS[6], ARGV[9]) or 0) < tonumber(ARGV[10]) then
  return redis.error_reply("OLDER the shard does not have what it was given")
end

local lock = redis.call("HMGET", KEYS[1], "version", "write", "deadline", "owner")
local current, lastWrite, oldDeadline, oldOwner = lock[1], lock[2], lock[3] or "", lock[4] or ""

-- The caller sends the same write again if it lost the first answer.
if lastWrite == ARGV[2] then
  return { 1, tonumber(current or 0) }
end

local time = redis.call("TIME")
if (current or "0") ~= ARGV[1] then
  local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
  if not current then
    return { 0, nowMs }
  end
  return { 0, nowMs, tonumber(current), redis.call("HGET", KEYS[1], "value") }
end

local delete = ARGV[4] == "delete"
if delete and not current then
  return { 1, 0 }
end
local deadline = delete and "" or ARGV[6]
local owner = delete and "" or ARGV[7]

if deadline ~= "" then
  redis.call("ZADD", KEYS[2], deadline, ARGV[3])
elseif oldDeadline ~= "" then
  redis.call("ZREM", KEYS[2], ARGV[3])
end

if owner ~= oldOwner then
  if oldOwner ~= "" then
    redis.call("ZREM", KEYS[3], oldOwner .. "\0" .. ARGV[3])
  end
  if owner ~= "" then
    redis.call("ZADD", KEYS[3], 0, owner .. "\0" .. ARGV[3])
  end
end

-- A Lua number holds microseconds exactly until the year 2255, but tostring would round them.
local highest = tonumber(redis.call("GET", KEYS[4])) or 0
local version = string.format("%.0f", math.max(time[1] * 1000000 + time[2], highest + 1))
redis.call("SET", KEYS[4], version)
redis.call("HSET", KEYS[6], ARGV[9], version)

if delete then
  redis.call("DEL", KEYS[1])
  redis.call("HSET", KEYS[1], "write", ARGV[2])
  redis.call("PEXPIRE", KEYS[1], 60000)
  return { 1, 0, tonumber(version) }
end

redis.call("HSET", KEYS[1], "version", version, "value", ARGV[5], "write", ARGV[2], "deadline", deadline, "owner", owner)
if not current and lastWrite then
  redis.call("PERSIST", KEYS[1])
end
return { 1, tonumber(version), tonumber(version) }
