-- Purpose: a worker's heartbeat: move the deadlines of its claims. Epochs do not change.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 lease in ms; then for each claim: group (empty: jobs without one), epoch
-- Returns: for each claim 1, or 0 when it is not current any more: its jobs may be with another worker
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local P = KEYS[1]
if not tonumber(ARGV[1]) or #ARGV % 2 == 0 then
  return redis.error_reply('CAP ARGS The arguments of an extension are malformed.')
end
local time = redis.call('TIME')
local deadline = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1]))
local reply = {}
for i = 2, #ARGV, 2 do
  local unit = ARGV[i] ~= '' and ARGV[i] or ':' .. ARGV[i + 1]
  local held = string.match(redis.call('HGET', P .. 'claims', unit) or '', '^%d+') == ARGV[i + 1]
  if held then redis.call('ZADD', P .. 'leases', deadline, unit) end
  reply[#reply + 1] = held and 1 or 0
end
return reply
