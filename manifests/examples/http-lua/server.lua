-- A web server on LuaSocket: one connection at a time.
local socket = require("socket")

local port = tonumber(os.getenv("PORT") or "8080")
local server = assert(socket.bind("0.0.0.0", port))
io.stdout:setvbuf("line")
print("listening on port " .. port)

local function answer(request)
  local path = request:match("^GET (%S+) HTTP/1%.[01]$")
  if not path then
    return "400 Bad Request", "that is no request\n"
  elseif path == "/status" then
    return "200 OK", '{"language":"lua","version":"' .. _VERSION:gsub("Lua ", "") .. '"}\n'
  end
  return "200 OK", "hello from Lua, you asked for " .. path .. "\n"
end

while true do
  local connection = assert(server:accept())
  connection:settimeout(10)
  local request = connection:receive()
  repeat
    local line = connection:receive()
  until not line or line == ""
  if request then
    local status, text = answer(request)
    connection:send(("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n" ..
      "Connection: close\r\n\r\n%s"):format(status, #text, text))
  end
  connection:close()
end
