# A web server on Ruby's own sockets: a thread for each connection.
require "socket"

def answer(path)
  return "{\"language\":\"ruby\",\"version\":\"#{RUBY_VERSION}\"}\n" if path == "/status"

  "hello from Ruby, you asked for #{path}\n"
end

def serve(connection)
  _method, path = connection.gets.to_s.split
  until ["\r\n", "\n", nil].include?(connection.gets); end
  text = answer(path)
  connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" \
                   "Content-Length: #{text.bytesize}\r\nConnection: close\r\n\r\n#{text}")
rescue Errno::EPIPE, Errno::ECONNRESET => e
  warn("a client was lost: #{e.message}")
ensure
  connection.close
end

$stdout.sync = true
port = Integer(ENV.fetch("PORT", "8080"))
server = TCPServer.new("0.0.0.0", port)
Signal.trap("TERM") { exit }
at_exit { puts "stopped" }
puts "listening on port #{port}"
loop { Thread.new(server.accept) { |connection| serve(connection) } }
