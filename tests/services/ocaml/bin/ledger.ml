(* Accounts and what is moved between them, over HTTP: cohttp on Lwt, JSON by Yojson. *)

open Lwt.Syntax
module Server = Cohttp_lwt_unix.Server
module Body = Cohttp_lwt.Body
module Json = Yojson.Safe

exception Refused of Cohttp.Code.status_code * string

let accounts : (string, int) Hashtbl.t = Hashtbl.create 16
let balance name = Option.value (Hashtbl.find_opt accounts name) ~default:0
let refuse status reason = raise (Refused (status, reason))

let move json =
  let open Json.Util in
  let payer = json |> member "from" |> to_string in
  let payee = json |> member "to" |> to_string in
  let amount = json |> member "amount" |> to_int in
  if amount <= 0 then refuse `Bad_request "an amount is positive";
  if payer <> "bank" && balance payer < amount then refuse `Conflict (payer ^ " has too little");
  Hashtbl.replace accounts payer (balance payer - amount);
  Hashtbl.replace accounts payee (balance payee + amount);
  `Assoc [ (payer, `Int (balance payer)); (payee, `Int (balance payee)) ]

let all () =
  let entries = Hashtbl.fold (fun name amount rest -> (name, `Int amount) :: rest) accounts [] in
  `Assoc (List.sort compare entries)

(* Garbage of several generations, and a number that depends on all of it. *)
let exercise rounds =
  let rec build depth = if depth = 0 then [] else (depth, String.make 32 'x') :: build (depth - 1) in
  let rec repeat left sum =
    if left = 0 then sum else repeat (left - 1) (sum + List.length (build 1000))
  in
  let sum = repeat rounds 0 in
  `Assoc
    [ ("sum", `Int sum); ("collections", `Int (Gc.quick_stat ()).Gc.minor_collections) ]

let answer request body =
  let path = Uri.path (Cohttp.Request.uri request) in
  match (Cohttp.Request.meth request, Str.split (Str.regexp "/") path) with
  | `GET, [ "accounts" ] -> Lwt.return (all ())
  | `GET, [ "accounts"; name ] when Hashtbl.mem accounts name -> Lwt.return (`Int (balance name))
  | `POST, [ "moves" ] ->
      let+ text = Body.to_string body in
      move (Json.from_string text)
  | `GET, [ "exercise"; rounds ] -> Lwt.return (exercise (int_of_string rounds))
  | `GET, [ "wait"; milliseconds ] ->
      let+ () = Lwt_unix.sleep (float_of_string milliseconds /. 1000.) in
      `Bool true
  | `GET, [ "thread" ] ->
      let+ id = Lwt_preemptive.detach (fun () -> Thread.id (Thread.self ())) () in
      `Int id
  | _ -> refuse `Not_found "no such thing"

let respond status json =
  let headers = Cohttp.Header.init_with "Content-Type" "application/json" in
  Server.respond_string ~headers ~status ~body:(Json.to_string json ^ "\n") ()

let callback _ request body =
  Lwt.catch
    (fun () ->
      let* json = answer request body in
      respond `OK json)
    (function
      | Refused (status, reason) -> respond status (`String reason)
      | Yojson.Json_error reason | Json.Util.Type_error (reason, _) ->
          respond `Bad_request (`String reason)
      | other -> respond `Internal_server_error (`String (Printexc.to_string other)))

let () =
  let stop, told_to_stop = Lwt.wait () in
  ignore (Lwt_unix.on_signal Sys.sigterm (fun _ -> Lwt.wakeup_later told_to_stop ()));
  Lwt_main.run (Server.create ~stop ~mode:(`TCP (`Port 8080)) (Server.make ~callback ()));
  print_endline "stopped"
