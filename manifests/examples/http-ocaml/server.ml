(* A web server that says what it was asked: the standard distribution, a thread per connection. *)

let longest_line = 8192
let requests = Atomic.make 0

exception Bad_request

let read_line input =
  let buffer = Buffer.create 80 in
  let rec next () =
    match input_char input with
    | '\n' -> Buffer.contents buffer
    | '\r' -> next ()
    | c ->
        if Buffer.length buffer = longest_line then raise Bad_request;
        Buffer.add_char buffer c;
        next ()
  in
  next ()

(* The path of a request, and whether the connection stays open after it. *)
let read_request input =
  match String.split_on_char ' ' (read_line input) with
  | [ "GET"; path; version ] ->
      let rec keep_after keep =
        match String.lowercase_ascii (read_line input) with
        | "" -> keep
        | "connection: close" -> keep_after false
        | _ -> keep_after keep
      in
      (path, keep_after (version <> "HTTP/1.0"))
  | _ -> raise Bad_request

let reply_to path =
  let count = 1 + Atomic.fetch_and_add requests 1 in
  if path = "/status" then
    ( "application/json",
      Printf.sprintf "{\"language\": \"ocaml\", \"requests\": %d, \"version\": %S}\n" count
        Sys.ocaml_version )
  else ("text/plain", Printf.sprintf "hello from OCaml, you asked for %s\n" path)

let serve socket =
  let input = Unix.in_channel_of_descr socket in
  let output = Unix.out_channel_of_descr socket in
  let rec next () =
    let path, keep = read_request input in
    let kind, body = reply_to path in
    Printf.fprintf output
      "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s%!" kind
      (String.length body)
      (if keep then "keep-alive" else "close")
      body;
    if keep then next ()
  in
  (try next () with
  | End_of_file -> ()
  | Bad_request -> prerr_endline "connection ended: not a GET request"
  | Sys_error reason -> prerr_endline ("connection ended: " ^ reason));
  Unix.close socket

let () =
  Sys.set_signal Sys.sigpipe Sys.Signal_ignore;
  Sys.set_signal Sys.sigterm
    (Sys.Signal_handle
       (fun _ ->
         print_endline "stopped";
         exit 0));
  let port = Option.value (Sys.getenv_opt "PORT") ~default:"8080" in
  let listener = Unix.socket Unix.PF_INET Unix.SOCK_STREAM 0 in
  Unix.setsockopt listener Unix.SO_REUSEADDR true;
  Unix.bind listener (Unix.ADDR_INET (Unix.inet_addr_any, int_of_string port));
  Unix.listen listener 64;
  Printf.printf "listening on port %s\n%!" port;
  while true do
    match Unix.accept ~cloexec:true listener with
    | socket, _ -> ignore (Thread.create serve socket)
    | exception Unix.Unix_error (Unix.EINTR, _, _) -> ()
  done
