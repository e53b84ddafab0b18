-- Purpose: put jobs: each at the end of its group, or, without one, among the jobs that are on their own. The id is the
--          idempotency key: a second put asks how the first one went.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    for each job 8: id, data, group or empty, reply stream or empty, options, then its chain: a client's name or
--          empty, its number from 1, 1 if this is its oldest unanswered one, else 0. Options are words of a letter and
--          an integer: a attempts; b first backoff in ms, doubled each time; m the longest; e expires: if it has not
--          begun so many ms from now, it is dropped; and, only without a group: p priority, -1000 to 1000, more is
--          sooner; d delay in ms; t not before, in ms since 1970; and s<name>:<due>:<next>: taken only while the
--          schedule of that name is due at <due>, which becomes <next> (0: it ends)
-- Returns: for each job a state and a text: queued (taken now), waiting (known, not ended; the reply will go to the
--          stream named last), done (ended within the hour: the text is its result), gap (not taken: the put before it
--          has not arrived, so nothing may overtake it), stale (not taken: another scheduler did)
-- Events:  one token in the list `wake` when there may be something to do
-- Errors:  CAP LIMIT (data above 1 MiB), CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local CHAIN_SECONDS, MAX_BYTES, MAX_PRIORITY = 172800, 1048576, 1000
local TICKS, SCHEDULES = P .. 'ticks', P .. 'schedules'

local function malformed(n) return redis.error_reply('CAP ARGS The arguments of put ' .. n .. ' are malformed.') end

-- { kept as, due, expires, schedule, its due, its next }, or nil.
local function understand(text, group)
  local kept, due, expires, name, was, after = '', nil, nil, nil, nil, nil
  for word in string.gmatch(text, '%S+') do
    local letter, digits = string.match(word, '^([abmeptd])(%-?%d+)$')
    local n = tonumber(digits)
    if not letter then
      name, was, after = string.match(word, '^s([%w._~-]+):(%d+):(%d+)$')
      if not name then return end
    elseif letter == 'p' then
      if group ~= '' or math.abs(n) > MAX_PRIORITY then return end
      if n ~= 0 then kept = kept .. ' p' .. digits end
    elseif n < 0 or #digits > 15 then return
    elseif letter == 'd' or letter == 't' then
      if group ~= '' then return end
      due = letter == 'd' and now + n or n
    elseif letter == 'e' then
      expires = now + n
      kept = kept .. ' x' .. int(expires)
    else kept = kept .. ' ' .. word end
  end
  return { kept, due and due > now and due, expires, name, was, after }
end

-- 1. Everything is understood, and every key looked at, before anything is written.
local ids, kept, results, options, chains, good = {}, {}, {}, {}, {}, { [''] = true }
if #ARGV == 0 or #ARGV % 8 ~= 0 then return malformed(1) end
for at = 1, #ARGV, 8 do
  local id, group, reply, text, client = ARGV[at], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local k = (at + 7) / 8
  if not good[reply] then good[reply] = name_ok(reply, 128) end
  if not name_ok(id, 200) or not good[reply] or group ~= '' and not name_ok(group, 128) then return malformed(k) end
  if text ~= '' then
    options[k] = understand(text, group)
    if not options[k] then return malformed(k) end
  end
  if #ARGV[at + 1] > MAX_BYTES then
    return redis.error_reply('CAP LIMIT A job takes at most ' .. MAX_BYTES .. ' bytes of data.')
  end
  if client ~= '' then
    local n = tonumber(ARGV[at + 6])
    if not name_ok(client, 200) or not n or n < 1 or n % 1 ~= 0 then return malformed(k) end
    if not chains[client] then chains[client] = tonumber(call('GET', P .. 'chain:' .. client) or 0) end
  end
  if group ~= '' then call('LLEN', P .. 'group:' .. group) end
  ids[k], kept[k] = id, P .. 'result:' .. id
end
local records = read('HMGET', JOB, ids)
for i = 1, #kept, SLICE do
  -- Most have no result: that takes one question, and not one for each.
  local last = math.min(i + SLICE - 1, #kept)
  if call('EXISTS', unpack(kept, i, last)) > 0 then
    for k = i, last do results[k] = call('GET', kept[k]) end
  end
end
check_keys('ready', 'ring', 'meta', 'wake')
if next(options) then
  check_keys('later', 'expiring')
  call('ZCARD', TICKS); call('HLEN', SCHEDULES)
end

-- 2. One after the other.
local states, fresh, written, ready, waiting, awake = {}, {}, 0, {}, 0, false
local new = {}
local function advance(client, n)
  chains[client] = n
  call('SET', P .. 'chain:' .. client, int(n), 'EX', CHAIN_SECONDS)
end
for k = 1, #ids do
  local at, id, said = k * 8 - 7, ids[k], options[k]
  local data, group, reply, client = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 5]
  local last = chains[client]
  local n = last and tonumber(ARGV[at + 6])
  local record, state, text = new[id] or records[k], 'queued', ''
  local tick = said and said[4]
  local stale = tick and tonumber(call('ZSCORE', TICKS, tick)) ~= tonumber(said[5])
  if tick and not stale then
    if said[6] ~= '0' then call('ZADD', TICKS, said[6], tick)
    else
      call('ZREM', TICKS, tick)
      call('HDEL', SCHEDULES, tick)
    end
  end
  if stale then state = 'stale'
  elseif results[k] then
    if last and n > last then advance(client, n) end
    state, text = 'done', results[k]
  elseif record then
    local old, rest = string.match(record, '^%S* (%S*)()')
    if reply ~= '' and reply ~= old then
      new[id] = string.match(record, '^%S*') .. ' ' .. reply .. string.sub(record, rest)
      written = written + 2
      fresh[written - 1], fresh[written] = id, new[id]
    end
    if last and n > last then advance(client, n) end
    state = 'waiting'
  elseif last and n ~= last + 1 and ARGV[at + 7] ~= '1' then
    state = 'gap'
  else
    new[id] = group .. ' ' .. reply .. (said and said[1] or '') .. '\n' .. data
    written = written + 2
    fresh[written - 1], fresh[written] = id, new[id]
    if said and said[3] then call('ZADD', EXPIRING, int(said[3]), id) end
    if said and said[2] then
      call('ZADD', LATER, int(said[2]), id)
      awake = awake or call('ZRANGE', LATER, 0, 0)[1] == id
    elseif group == '' then
      waiting = waiting + 2
      ready[waiting - 1], ready[waiting] = place(said and said[1] or ''), id
      awake = true
    elseif call('RPUSH', P .. 'group:' .. group, id) == 1 then
      -- The list holds a job until it has ended, so only an idle group is empty.
      call('ZADD', RING, int(turn()), group)
      awake = true
    end
    -- Also backwards: a client that begins again with an older one will send those after it again, too.
    if last then advance(client, n) end
  end
  states[2 * k - 1], states[2 * k] = state, text
end
many('HSET', JOB, fresh)
many('ZADD', READY, ready)
keep_turns()
if awake then wake() end
return states
