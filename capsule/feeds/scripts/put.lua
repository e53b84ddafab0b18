-- Purpose: put one job at the end of its group. The id is the idempotency key: a second put asks how the first one went.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 job id  2 data  3 group  4 reply stream, or empty
--          5 chain: a client's name, or empty  6 its number, from 1  7 1 if this is its oldest unanswered one, else 0
-- Returns: a state and a text: queued (taken now), waiting (known, not finished; the reply will go to the stream named
--          last), done (finished within the hour: the text is its result), gap (not taken: the put before it has not
--          arrived, so nothing may overtake it)
-- Events:  one token in the list `wake` when a group becomes ready
-- Errors:  CAP LIMIT (data above 1 MiB), CAP ARGS; WRONGTYPE when a key holds something else

local CHAIN_SECONDS, MAX_BYTES = 172800, 1048576

local call = redis.call
local P = KEYS[1]
local id, data, group, reply, client, n, first = unpack(ARGV, 1, 7)
local function name_ok(s, most) return s ~= nil and #s <= most and string.find(s, '^[%w._~-]+$') ~= nil end
n = tonumber(n)
if #ARGV ~= 7 or not name_ok(id, 200) or not name_ok(group, 128) or reply ~= '' and not name_ok(reply, 128)
  or client ~= '' and not (name_ok(client, 200) and n and n >= 1 and n % 1 == 0)
then return redis.error_reply('CAP ARGS The arguments of a put are malformed.') end

if #data > MAX_BYTES then
  return redis.error_reply('CAP LIMIT A job takes at most ' .. MAX_BYTES .. ' bytes of data.')
end

local chain = P .. 'chain:' .. client
local last = client ~= '' and tonumber(call('GET', chain) or 0)
local function advance() if last and n > last then call('SET', chain, string.format('%.0f', n), 'EX', CHAIN_SECONDS) end end

local result = call('GET', P .. 'result:' .. id)
if result then
  advance()
  return { 'done', result }
end
local job = call('HGET', P .. 'job', id)
if job then
  local old, text = string.match(job, '^%S+ (%S*)\n()')
  if reply ~= '' and reply ~= old then
    call('HSET', P .. 'job', id, string.match(job, '^%S+') .. ' ' .. reply .. '\n' .. string.sub(job, text))
  end
  advance()
  return { 'waiting', '' }
end
if last and n ~= last + 1 and first ~= '1' then return { 'gap', '' } end

-- A key of the wrong type must raise before the first write.
call('LLEN', P .. 'ring'); call('LLEN', P .. 'group:' .. group)
local idle = call('EXISTS', P .. 'wake') == 0
call('HSET', P .. 'job', id, group .. ' ' .. reply .. '\n' .. data)
-- The list holds a job until it is finished, so only an idle group is empty: neither claimed, nor waiting in the ring.
if call('RPUSH', P .. 'group:' .. group, id) == 1 then
  call('RPUSH', P .. 'ring', group)
  if idle then call('RPUSH', P .. 'wake', '1') end
end
-- Also backwards: a client that begins again with an older one will send those after it again, too.
if last then call('SET', chain, string.format('%.0f', n), 'EX', CHAIN_SECONDS) end
return { 'queued', '' }
