-- While a microservice rolls out, a proxy knows its replicas by several definitions: `api`, and `api.previous` for the one
-- before. This chooses one for each request, so that each replica is asked in its own way.

local PREVIOUS = '.previous'
local PASSED = { L4OK = true, L6OK = true, L7OK = true, L7OKC = true }
-- Looking at every server costs some tenths of a millisecond.
local VALID_MS = 100

local counts = {}

local function now()
  local time = core.now()
  return time.sec * 1000 + time.usec // 1000
end

-- Servers that have passed a check. HAProxy takes one for up until its first check has failed, which is no proof here.
local function passed(backend, name)
  local known = counts[name]
  local time = now()
  if known and time - known.at < VALID_MS then return known.servers end
  local servers = 0
  for _, server in pairs(backend.servers) do
    local stats = server:get_stats()
    local check = (stats.check_status or ''):gsub('^%* ', '')
    if stats.status == 'no check' or (stats.status:sub(1, 2) == 'UP' and PASSED[check]) then servers = servers + 1 end
  end
  counts[name] = { at = time, servers = servers }
  return servers
end

core.register_fetches('definition', function(_, service)
  local names, weights, total = {}, {}, 0
  local name, fallback = service, service
  while core.backends[name] do
    local backend = core.backends[name]
    local active = backend:get_srv_act()
    -- Before any check has passed, the oldest definition that has servers is the one that served until now.
    if active > 0 then fallback = name end
    local weight = math.min(active, active > 0 and passed(backend, name) or 0)
    names[#names + 1], weights[#weights + 1] = name, weight
    total = total + weight
    name = name .. PREVIOUS
  end
  if total == 0 then return fallback end
  local chosen = math.random(total)
  for index, weight in ipairs(weights) do
    chosen = chosen - weight
    if chosen <= 0 then return names[index] end
  end
  return fallback
end)
