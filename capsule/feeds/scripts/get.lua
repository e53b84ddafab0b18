-- Purpose: read items by their ids, and the id of the scope's last event at that moment.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 feed
--          then item ids, at most 1000
-- Returns: the last event's id, then for each id its item, or nil when the feed has none
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local find, match, sub = string.find, string.match, string.sub
-- include: names

local good = #ARGV > 1 and #ARGV <= 1001 and feed_ok(ARGV[1])
for i = 2, #ARGV do good = good and id_ok(ARGV[i]) end
if not good then return redis.error_reply('CAP ARGS The feed or an id is malformed.') end
local items = redis.call('HMGET', KEYS[1] .. 'items:' .. ARGV[1], unpack(ARGV, 2))
return { redis.call('HGET', KEYS[1] .. 'meta', 'last') or '0-0', unpack(items) }
