-- While a microservice rolls out, a proxy knows its replicas by several definitions: `api`, and `api.previous` for the one
-- before. This chooses one for each request, so that each replica is asked in its own way.

local PREVIOUS = '.previous'
local PASSED = { L4OK = true, L6OK = true, L7OK = true, L7OKC = true }
-- Looking at every server costs some tenths of a millisecond.
local VALID_MS = 50

-- By backend: its servers that have passed a check, and when that was found out.
local proven = {}
-- By backend and server: its address, and since when.
local known = {}

local function now()
  local time = core.now()
  return time.sec * 1000 + time.usec // 1000
end

local function passes(server)
  local stats = server:get_stats()
  if stats.status == 'no check' then return true end
  local check = (stats.check_status or ''):gsub('^%* ', '')
  return stats.status:sub(1, 2) == 'UP' and PASSED[check] == true
end

-- HAProxy takes a server for up until its first check has failed, and shows the last check of the address before. So what
-- counts is a check that is certainly of this address.
local function provenServers(name, backend, settled)
  local last, time = proven[name], now()
  if last and time - last.at < VALID_MS then return last.servers end
  local servers, addresses, before = {}, {}, known[name] or {}
  for id, server in pairs(backend.servers) do
    local address = server:get_addr()
    if not address:find('unknown', 1, true) and not address:find('^0%.0%.0%.0') then
      local entry = before[id]
      if not entry or entry.address ~= address then entry = { address = address, since = time } end
      addresses[id] = entry
      if time - entry.since > settled and passes(server) then servers[#servers + 1] = server end
    end
  end
  known[name] = addresses
  proven[name] = { at = time, servers = servers }
  return servers
end

-- Where a connection fails, HAProxy tries another server of the same definition. So one that has a single server left, or has
-- got its first, is chosen only where none has more.
local function withOthers(candidates)
  local several = {}
  for _, candidate in ipairs(candidates) do
    if #candidate.servers > 1 then several[#several + 1] = candidate end
  end
  return #several > 0 and several or candidates
end

local function count(candidates)
  local total = 0
  for _, candidate in ipairs(candidates) do total = total + #candidate.servers end
  return total
end

-- From a random server's definition on, in a circle: its servers may have left since they were looked at.
local function choose(candidates)
  local total = count(candidates)
  local at = total > 0 and math.random(total) or 0
  local first = 1
  while at > 0 and at > #candidates[first].servers do
    at = at - #candidates[first].servers
    first = first + 1
  end
  for step = 0, #candidates - 1 do
    local candidate = candidates[(first - 1 + step) % #candidates + 1]
    for _, server in ipairs(candidate.servers) do
      if passes(server) then return candidate.name end
    end
  end
  return nil
end

-- Takes the name of the microservice, and the milliseconds after which a new address has been checked.
core.register_fetches('definition', function(_, service, settled)
  local candidates, fallback = {}, service
  local name = service
  while core.backends[name] do
    local backend = core.backends[name]
    -- Before any check has passed, the oldest definition that has servers is the one that served until now.
    if backend:get_srv_act() > 0 then fallback = name end
    local servers = provenServers(name, backend, tonumber(settled))
    candidates[#candidates + 1] = { name = name, servers = servers }
    name = name .. PREVIOUS
  end
  return choose(withOthers(candidates)) or choose(candidates) or fallback
end)
