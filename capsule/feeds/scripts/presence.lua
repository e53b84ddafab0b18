-- Purpose: who is here: refresh sessions, let sessions go, evict those whose lease ran out, list the rest. Presence has
--          no version and no log: it is told whole to whoever connects, and changes are told once.
-- KEYS:    1 the presence prefix of a scope, cap1:{team.7}:presence:
-- ARGV:    1 lease in ms  2 1 to get the list, else 0  3 number of sessions that are here; then for each: session, state
--          (one line of JSON); then the sessions that leave
-- Returns: session, state, session, state, ... of everybody who is here; empty when not asked for
-- Events:  {"verb":"presence","scope":S,"join":{session:state},"leave":[session]} on the channel cap1:{team.7}:presence,
--          if anybody came, changed or left
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local EVICT, IDLE_SECONDS = 1000, 86400

local call = redis.call
local P = KEYS[1]
local LEASES, STATES = P .. 'leases', P .. 'states'
local scope = string.match(P, '^cap1:{([%w._~-]+)}:presence:$')
local lease, count = tonumber(ARGV[1]), tonumber(ARGV[3])
local malformed = not scope or not lease or not count or #ARGV < 3 + count * 2
for i = 4, #ARGV do
  local state = not malformed and i <= 3 + count * 2 and i % 2 == 1
  if state and string.find(ARGV[i], '[\r\n]') or not state and not string.find(ARGV[i], '^[%w._~-]+$') then malformed = true end
end
if malformed then return redis.error_reply('CAP ARGS The arguments of presence are malformed.') end
call('HLEN', STATES); call('ZCARD', LEASES)

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local join, leave = {}, {}
local function remove(session)
  call('ZREM', LEASES, session)
  if call('HDEL', STATES, session) == 1 then leave[#leave + 1] = '"' .. session .. '"' end
end

-- First who is here: a refresh that comes late is not a leave and a join.
for i = 4, 2 + count * 2, 2 do
  local session, state = ARGV[i], ARGV[i + 1]
  call('ZADD', LEASES, string.format('%.0f', now + lease), session)
  if call('HGET', STATES, session) ~= state then
    call('HSET', STATES, session, state)
    join[#join + 1] = '"' .. session .. '":' .. state
  end
end
for i = 4 + count * 2, #ARGV do remove(ARGV[i]) end
for _, session in ipairs(call('ZRANGE', LEASES, '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, EVICT)) do
  remove(session)
end
if #join > 0 then
  call('EXPIRE', LEASES, IDLE_SECONDS)
  call('EXPIRE', STATES, IDLE_SECONDS)
end
if #join + #leave > 0 then
  call(KEYS[2] and 'SPUBLISH' or 'PUBLISH', string.sub(P, 1, -2), '{"verb":"presence","scope":"' .. scope .. '","join":{'
    .. table.concat(join, ',') .. '},"leave":[' .. table.concat(leave, ',') .. ']}')
end
return ARGV[2] == '1' and call('HGETALL', STATES) or {}
