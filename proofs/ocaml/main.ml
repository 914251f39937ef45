(* Reads an export of 'certify export --to coq' and puts it to the checker that was extracted from Coq (checker.ml). docs/formats.md describes the file.

   What is trusted here: that the statement (network, boxes, claims) is read as it is written, and that every task of every tree is checked by someone. Trees are advice:
   whatever is read, the checker proves or does not. Everything that is read is bounded before it is kept. *)
open Checker
module Z = Zz

exception Malformed of string
exception Rejected of string

let malformed format = Printf.ksprintf (fun text -> raise (Malformed text)) format

(* Limits; the exporter keeps to them too. *)
let largest_file = 1 lsl 30
let most_layers = 64
let widest = 4096
let most_weights = 1 lsl 22
let most_cases = 1000
let most_claims = 1000
let most_splits = 1000 (* of inputs or ReLUs above one leaf *)
let most_nodes = 1 lsl 26 (* of all trees *)
let most_advice = 1 lsl 27 (* numbers of all trees *)
let most_digits = 40
let largest_exponent = 1100

(* SHA-256 (FIPS 180-4), of a part of a string. *)
let sha256 text start length =
  let mask = 0xffffffff in
  let primes = let rec next n found = if List.length found = 64 then List.rev found
    else next (n + 1) (if List.exists (fun p -> n mod p = 0) found then found else n :: found) in next 2 [] in
  (* The first 32 bits of the fraction of a root, by integers: floor(root(p) 2^32) mod 2^32. *)
  let fraction degree p = Z.to_int (Z.logand (Z.root (Z.shift_left (Z.of_int p) (32 * degree)) degree) (Z.of_int mask)) in
  let k = Array.of_list (List.map (fraction 3) primes) in
  let h = Array.of_list (List.map (fraction 2) (List.filteri (fun i _ -> i < 8) primes)) in
  let rotate x n = ((x lsr n) lor (x lsl (32 - n))) land mask in
  let padded = ((length + 8) / 64 + 1) * 64 in
  let byte i = if i < length then Char.code text.[start + i] else if i = length then 0x80
    else if i >= padded - 8 then ((length * 8) lsr (8 * (padded - 1 - i))) land 0xff else 0 in
  let w = Array.make 64 0 in
  for block = 0 to (padded / 64) - 1 do
    for i = 0 to 15 do
      let at = (block * 64) + (4 * i) in
      w.(i) <- (byte at lsl 24) lor (byte (at + 1) lsl 16) lor (byte (at + 2) lsl 8) lor byte (at + 3)
    done;
    for i = 16 to 63 do
      let s0 = rotate w.(i - 15) 7 lxor rotate w.(i - 15) 18 lxor (w.(i - 15) lsr 3)
      and s1 = rotate w.(i - 2) 17 lxor rotate w.(i - 2) 19 lxor (w.(i - 2) lsr 10) in
      w.(i) <- (w.(i - 16) + s0 + w.(i - 7) + s1) land mask
    done;
    let v = Array.copy h in
    for i = 0 to 63 do
      let s1 = rotate v.(4) 6 lxor rotate v.(4) 11 lxor rotate v.(4) 25
      and choose = (v.(4) land v.(5)) lxor (lnot v.(4) land mask land v.(6)) in
      let t1 = (v.(7) + s1 + choose + k.(i) + w.(i)) land mask in
      let s0 = rotate v.(0) 2 lxor rotate v.(0) 13 lxor rotate v.(0) 22
      and majority = (v.(0) land v.(1)) lxor (v.(0) land v.(2)) lxor (v.(1) land v.(2)) in
      let t2 = (s0 + majority) land mask in
      Array.blit v 0 v 1 7;
      v.(4) <- (v.(4) + t1) land mask;
      v.(0) <- (t1 + t2) land mask
    done;
    Array.iteri (fun i x -> h.(i) <- (h.(i) + x) land mask) v
  done;
  String.concat "" (Array.to_list (Array.map (Printf.sprintf "%08x") h))

(* The reader: lines of words, one space between words, each line ended by one newline. *)
type reader = { text : string; mutable at : int; mutable line : int; mutable nodes : int; mutable advice : int }

let fail r format = Printf.ksprintf (fun text -> raise (Malformed (Printf.sprintf "line %d: %s" r.line text))) format

let word r =
  let from = r.at in
  let limit = String.length r.text in
  while r.at < limit && r.text.[r.at] > ' ' && r.text.[r.at] < '\127' do r.at <- r.at + 1 done;
  if r.at = from then fail r "a word is missing";
  String.sub r.text from (r.at - from)

let expect r c =
  if r.at >= String.length r.text || r.text.[r.at] <> c then fail r "expected %s" (if c = ' ' then "a space" else "the end of the line");
  r.at <- r.at + 1

let space r = expect r ' '
let ends r = r.at < String.length r.text && r.text.[r.at] = '\n'
let newline r = expect r '\n'; r.line <- r.line + 1

let keyword r name = let found = word r in if found <> name then fail r "expected '%s'" name

(* Decimal digits in one spelling: no sign but one minus, no leading zeros, no "-0". *)
let plain text =
  let from = if text <> "" && text.[0] = '-' then 1 else 0 in
  let digits = String.length text - from in
  digits >= 1 && digits <= most_digits && (text.[from] <> '0' || (digits = 1 && from = 0))
  && (let ok = ref true in String.iteri (fun i c -> if i >= from && (c < '0' || c > '9') then ok := false) text; !ok)

let integer r = let text = word r in if plain text then Z.of_string text else fail r "expected an integer of at most %d digits" most_digits

let natural r most what =
  let z = integer r in
  if Z.sign z < 0 || Z.gt z (Z.of_int most) then fail r "%s must be from 0 to %d" what most else Z.to_int z

let positive r most what = let n = natural r most what in if n = 0 then fail r "%s must be at least 1" what else n

(* n items; the order of evaluation matters. *)
let items n item = let rec go i = if i = n then [] else let x = item i in x :: go (i + 1) in go 0

(* Gaussian: at every x of the box the distribution is within at_most of that at the observation, which a box encloses. *)
type question = Claims of claim list | Gaussian of { dimension : int; means : int; link : link; observation : interval list; at_most : Z.t }
type case = { box : interval list; question : question }
type statement = { hidden : layer list; output : layer; inputs : int; cases : case list; digest : string }

let read_statement r =
  keyword r "certify-coq"; space r; keyword r "1"; newline r;
  let from = r.at in
  keyword r "statement"; newline r;
  keyword r "precision"; space r;
  let p = natural r 1000 "the precision" in
  if p <> precision then fail r "the precision is %d, this checker was extracted for %d" p precision;
  newline r;
  keyword r "network"; space r;
  let count = natural r most_layers "the number of layers" in
  if count < 2 then fail r "expected at least one hidden layer and the output";
  newline r;
  let weights = ref 0 in
  let previous = ref 0 in
  let inputs = ref 0 in
  let layers = items count (fun k ->
    keyword r "layer"; space r;
    let rows = positive r widest "the number of rows" in
    space r;
    let columns = positive r widest "the number of columns" in
    newline r;
    if k = 0 then inputs := columns else if columns <> !previous then fail r "the layer reads %d numbers, the one before has %d" columns !previous;
    previous := rows;
    weights := !weights + (rows * (columns + 1));
    if !weights > most_weights then fail r "the network has more than %d weights" most_weights;
    items rows (fun _ ->
      let weight first =
        if not first then space r;
        let m = integer r in space r;
        let e = natural r largest_exponent "an exponent" in (m, e) in
      let row = items columns (fun j -> weight (j = 0)) in
      let bias = weight false in
      newline r;
      (row, bias))) in
  let outputs = !previous in
  let sides what =
    keyword r what; space r;
    let n = natural r widest ("the size of the " ^ what) in
    if n <> !inputs then fail r "the %s has %d sides, the network %d inputs" what n !inputs;
    newline r;
    items n (fun _ ->
      let lower = integer r in space r;
      let upper = integer r in newline r;
      if Z.gt lower upper then fail r "a side of the %s is empty" what;
      (lower, upper)) in
  let claims () =
    keyword r "claims"; space r;
    let m = positive r most_claims "the number of claims" in
    newline r;
    items m (fun _ ->
      let c = items outputs (fun _ -> let z = integer r in space r; z) in
      let d = integer r in newline r;
      (c, d)) in
  let cases = match word r with
    | "cases" ->
      space r;
      let number = positive r most_cases "the number of cases" in
      newline r;
      items number (fun _ -> let box = sides "box" in let question = Claims (claims ()) in { box; question })
    | ("gaussian" | "cholesky") as head ->
      space r;
      let dimension = positive r widest "the number of means" in
      (* What the checker takes as means: of a triangular root also the entries below its diagonal. *)
      let means = if head = "gaussian" then dimension else dimension + (dimension * (dimension - 1) / 2) in
      if dimension + means <> outputs then
        if head = "gaussian" then fail r "%d means and as many standard deviations, the network has %d outputs" dimension outputs
        else fail r "%d means and a triangle of as many rows, the network has %d outputs" dimension outputs;
      space r;
      let link = match word r with
        | "exp" -> Exponential | "half-exp" -> HalfExponential | "softplus" -> Softplus
        | _ -> fail r "the link is one of exp, half-exp, softplus" in
      newline r;
      let box = sides "box" in
      let observation = sides "observation" in
      keyword r "at-most"; space r;
      let at_most = integer r in
      newline r;
      [{ box; question = Gaussian { dimension; means; link; observation; at_most } }]
    | _ -> fail r "expected 'cases', 'gaussian' or 'cholesky'" in
  let rec last = function [] -> assert false | [x] -> ([], x) | x :: rest -> let (front, x') = last rest in (x :: front, x') in
  let (hidden, output) = last layers in
  { hidden; output; inputs = !inputs; cases; digest = sha256 r.text from (r.at - from) }

(* Slopes n/32 are the characters '0' to '9' and 'a' to 'w'; '.' is none. *)
let shared = Array.init 33 (fun n -> ((Some (Z.shift_left (Z.of_int n) (precision - 5)), None), Z.zero))
let none = ((None, None), Z.zero)

let slope r c = match c with
  | '.' -> none
  | '0' .. '9' -> shared.(Char.code c - Char.code '0')
  | 'a' .. 'w' -> shared.(Char.code c - Char.code 'a' + 10)
  | _ -> fail r "a slope is a character of 0 to 9, a to w, or '.'"

let spend r n =
  r.advice <- r.advice + n;
  if r.advice > most_advice then fail r "the trees hold more than %d numbers" most_advice

(* A list with an entry replaced; missing entries before it are none. *)
let rec place n filler x l = match n, l with
  | 0, [] -> [x] | 0, _ :: rest -> x :: rest
  | n, [] -> filler :: place (n - 1) filler x []
  | n, y :: rest -> y :: place (n - 1) filler x rest

let rec entry n filler l = match n, l with 0, y :: _ -> y | _, [] -> filler | n, _ :: rest -> entry (n - 1) filler rest

(* What a tree says before its next division or leaf. *)
type step = Bounds of int | Tighter of int * int * bool * advice

let read_tree r statement =
  let sizes = Array.of_list (List.map List.length statement.hidden) in
  let neuron k = natural r (sizes.(k) - 1) "a neuron" in
  let layer () = natural r (Array.length sizes - 1) "a layer" in
  let count n = r.nodes <- r.nodes + n; if r.nodes > most_nodes then fail r "the trees have more than %d nodes" most_nodes in
  let optional () = let text = word r in if text = "-" then None else if plain text then Some (Z.of_string text) else fail r "expected an integer or '-'" in
  let wrap steps node = List.fold_left (fun t step -> match step with Bounds k -> Interval (k, t) | Tighter (k, j, hi, cs) -> Tighten (k, j, hi, cs, t)) node steps in
  let rec tree depth =
    if depth > most_splits then fail r "a leaf lies below more than %d divisions" most_splits;
    steps depth [] []
  (* steps: the last first; cs: advice for the next bound *)
  and steps depth before cs =
    count 1;
    match word r with
    | "i" -> space r; let k = layer () in newline r; steps depth (Bounds k :: before) cs
    | ("h" | "l") as side ->
      space r;
      let k = layer () in
      let rec neurons before = if ends r then before else (space r; count 1; let j = neuron k in neurons (Tighter (k, j, side = "h", cs) :: before)) in
      let before = neurons before in
      newline r; steps depth before []
    | "s" ->
      space r;
      let k = layer () in
      space r;
      let text = word r in
      if String.length text > sizes.(k) then fail r "%d slopes for %d neurons" (String.length text) sizes.(k);
      spend r (String.length text + k + 1);
      newline r;
      steps depth before (place k [] (List.init (String.length text) (fun j -> slope r text.[j])) cs)
    | "a" ->
      space r; let k = layer () in
      space r; let j = neuron k in
      space r; let al = optional () in
      space r; let s = optional () in
      space r; let mu = integer r in
      newline r;
      spend r (j + k + 2);
      steps depth before (place k [] (place j none ((al, s), mu) (entry k [] cs)) cs)
    | "p" -> space r; let i = natural r most_claims "a claim" in newline r; wrap before (Leaf (i, cs))
    | "e" -> space r; let k = layer () in space r; let j = neuron k in newline r; wrap before (Empty (k, j))
    | "x" ->
      space r; let i = natural r (statement.inputs - 1) "an input" in
      space r; let c = integer r in
      newline r;
      let left = tree (depth + 1) in
      let right = tree (depth + 1) in
      wrap before (SplitIn (i, c, left, right))
    | "z" ->
      space r; let k = layer () in
      space r; let j = neuron k in
      newline r;
      let left = tree (depth + 1) in
      let right = tree (depth + 1) in
      wrap before (SplitRelu (k, j, left, right))
    | _ -> fail r "a node is one of i, h, l, s, a, p, e, x, z" in
  tree 0

let rec leaves = function
  | Leaf _ | Empty _ -> 1
  | SplitIn (_, _, l, r) | SplitRelu (_, _, l, r) -> leaves l + leaves r
  | Interval (_, t) | Tighten (_, _, _, _, t) -> leaves t

(* About the time that a tree costs: backward rows. *)
let rec rows = function
  | Leaf _ -> 6 | Empty _ -> 0
  | SplitIn (_, _, l, r) | SplitRelu (_, _, l, r) -> rows l + rows r
  | Interval (_, t) -> 2 + rows t
  | Tighten (k, _, _, _, t) -> k + rows t

let show z = Printf.sprintf "%.9g" (ldexp (Z.to_float z) (-precision))

(* What accepts a leaf of a case, by the index of the case; executed: for every float32 execution. *)
let acceptors statement executed = Array.of_list (List.map (fun case -> match case.question with
  | Claims claims -> (if executed then proves_executed else proves) statement.hidden statement.output claims
  | Gaussian { means; link; observation; at_most; _ } ->
    match reference statement.hidden statement.output means link observation with
    | Some r -> (if executed then near_executed else near) statement.hidden statement.output means link at_most r
    | None -> raise (Rejected "the distribution at the observation cannot be enclosed")) statement.cases)

(* A task that is part of a case: the leaves before it, and what it would cost. *)
type piece = { case : int; first : int; task : task; cost : int }

let pieces statement case parts first =
  let at = ref first in
  List.map (fun ((_, t) as task) -> let first = !at in at := first + leaves t; { case; first; task; cost = rows t }) parts

let sub statement piece = pieces statement piece.case (divide_task statement.hidden 1 piece.task) piece.first

(* Why a task is not done: the first leaf of it that proves nothing. *)
let rec reason statement executed leaf trees piece =
  let case = List.nth statement.cases piece.case in
  let failing = List.find_opt (fun part -> not (walk_task leaf.(piece.case) statement.hidden part.task)) (sub statement piece) in
  let where = Printf.sprintf "case %d, leaf %d of %d" (piece.case + 1) (piece.first + 1) (leaves (List.nth trees piece.case)) in
  match failing with
  | None -> where ^ ": not proved"
  | Some part when (match snd part.task with SplitIn _ | SplitRelu _ -> true | _ -> false) -> reason statement executed leaf trees part
  | Some part ->
    let ((box, bounds), t) = part.task in
    let where = Printf.sprintf "case %d, leaf %d of %d" (piece.case + 1) (part.first + 1) (leaves (List.nth trees piece.case)) in
    match t, case.question with
    | Leaf (i, _), Claims claims when i >= List.length claims -> Printf.sprintf "%s: there is no claim %d" where (i + 1)
    | Leaf (i, cs), Claims claims ->
      let (c, d) = List.nth claims i in
      let found = match lower_bound statement.hidden statement.output box bounds cs c with Some v -> show v | None -> "none" in
      let more = if not executed then "" else match execution_errors statement.hidden statement.output box bounds with
        | Some e -> Printf.sprintf " and %.9g for what executions round" (ldexp (Z.to_float (allowance c e)) (-precision - 64))
        | None -> " without overflow in any order" in
      Printf.sprintf "%s: the lower bound for claim %d is %s, needed %s%s" where (i + 1) found (show d) more
    | Leaf (_, cs), Gaussian { means; link; observation; at_most; _ } ->
      let widen b = if executed then Option.map (widened b) (execution_errors statement.hidden statement.output box bounds) else Some b in
      let bounds_of r = Option.bind (Option.bind (output_bounds statement.hidden box bounds cs statement.output) widen) (fun b ->
        Option.map (fun q -> square_apart q r) (parameter_bounds means link b)) in
      let found = match Option.bind (reference statement.hidden statement.output means link observation) bounds_of with
        | Some square -> Printf.sprintf "%.9g" (ldexp (sqrt (Z.to_float square)) (-precision)) | None -> "none" in
      Printf.sprintf "%s: the bound of the distance%s is %s, needed %s" where (if executed then " with what executions round" else "") found (show at_most)
    | Empty (k, j), _ -> Printf.sprintf "%s: the bounds of neuron %d of layer %d do not contradict each other" where j k
    | Tighten (k, j, _, _, _), _ -> Printf.sprintf "%s: neuron %d of layer %d cannot be tightened" where j k
    | _ -> where ^ ": not proved"

(* Divides the costliest pieces until none is more than a part of the whole. *)
let spread statement all jobs =
  let total = List.fold_left (fun sum piece -> sum + piece.cost) 0 all in
  let limit = max 1 (total / (8 * jobs)) in
  let rec go rounds all =
    if rounds = 0 || not (List.exists (fun piece -> piece.cost > limit) all) then all
    else go (rounds - 1) (List.concat_map (fun piece -> if piece.cost > limit then sub statement piece else [piece]) all) in
  if jobs = 1 then all else go 200 all

(* The first piece that is not done. *)
let first_failure statement leaf mine = List.find_opt (fun piece -> not (walk_task leaf.(piece.case) statement.hidden piece.task)) mine

(* Checks pieces in several processes; each says "done", or why not, on its own pipe. *)
let check_all statement executed trees jobs all =
  let groups = Array.make jobs (0, []) in
  List.iter (fun piece ->
    let least = ref 0 in
    Array.iteri (fun i (cost, _) -> if cost < fst groups.(!least) then least := i) groups;
    let (cost, mine) = groups.(!least) in
    groups.(!least) <- (cost + piece.cost, piece :: mine))
    (List.sort (fun a b -> compare b.cost a.cost) all);
  assert (Array.fold_left (fun sum (_, mine) -> sum + List.length mine) 0 groups = List.length all);
  let leaf = acceptors statement executed in
  let work mine = match first_failure statement leaf mine with None -> "done" | Some piece -> reason statement executed leaf trees piece in
  let children = List.map (fun (_, mine) ->
    let (from, into) = Unix.pipe () in
    match Unix.fork () with
    | 0 ->
      Unix.close from;
      let answer = try work mine with Out_of_memory -> "out of memory" | Stack_overflow -> "out of stack" | error -> Printexc.to_string error in
      let channel = Unix.out_channel_of_descr into in
      output_string channel answer; close_out channel; Unix._exit 0
    | child -> Unix.close into; (child, from)) (List.tl (Array.to_list groups)) in
  let own = work (snd groups.(0)) in
  let answers = own :: List.map (fun (child, from) ->
    let channel = Unix.in_channel_of_descr from in
    let answer = try input_line channel with End_of_file -> "a process of the checker ended without an answer" in
    close_in channel;
    match Unix.waitpid [] child with (_, Unix.WEXITED 0) -> answer | _ -> "a process of the checker was ended") children in
  match List.find_opt (fun answer -> answer <> "done") answers with Some why -> raise (Rejected why) | None -> ()

let read_file path =
  let channel = try open_in_bin path with Sys_error text -> raise (Malformed text) in
  let length = try in_channel_length channel with Sys_error _ -> malformed "not a file" in
  if length > largest_file then malformed "larger than %d MiB" (largest_file lsr 20);
  let text = try really_input_string channel length with End_of_file | Sys_error _ -> malformed "cannot be read" in
  close_in channel;
  text

let describe statement executed =
  let sides name = List.iteri (fun j (l, u) -> Printf.printf "  %s <= %s%d <= %s\n" (show l) name j (show u)) in
  List.iteri (fun i case ->
    Printf.printf "case %d: for every x with\n" (i + 1);
    sides "x" case.box;
    match case.question with
    | Claims claims ->
      Printf.printf "one of these holds for %s:\n" (if executed then "what every float32 execution gives as y = f(x)" else "y = f(x)");
      List.iter (fun (c, d) ->
        let terms = List.filter (fun (_, z) -> Z.sign z <> 0) (List.mapi (fun j z -> (j, z)) c) in
        Printf.printf "  %s >= %s\n" (if terms = [] then "0" else String.concat " + " (List.map (fun (j, z) -> Printf.sprintf "%s y%d" (show z) j) terms)) (show d))
        claims
    | Gaussian { dimension; means; link; observation; at_most } ->
      let name = match link with Exponential -> "exp(y)" | HalfExponential -> "exp(y / 2)" | Softplus -> "ln(1 + exp(y))" in
      Printf.printf "and every z with\n";
      sides "z" observation;
      if executed then print_string "and what every float32 execution gives as f(x), with the exact f(z),\n";
      if means = dimension then
        Printf.printf "W2(q(x), q(z)) <= %s, where q is normal with independent coordinates: means y0 to y%d of y = f, standard deviations %s of the other outputs\n" (show at_most) (means - 1) name
      else
        Printf.printf "W2(q(x), q(z)) <= %s, where q is normal with covariance L L^T: means y0 to y%d of y = f, L below its diagonal row by row y%d to y%d, on it %s of the other outputs\n" (show at_most) (dimension - 1) dimension (means - 1) name)
    statement.cases

let usage = "usage: check-export [--jobs N] [--statement SHA256] [--float32] [--show] EXPORT"

let () =
  let (jobs, expected, display, executed, file) = (ref 2, ref None, ref false, ref false, ref None) in
  let bad () = prerr_endline usage; exit 64 in
  let rec options = function
    | "--jobs" :: n :: rest -> (match int_of_string_opt n with Some n when n >= 1 && n <= 64 -> jobs := n | _ -> bad ()); options rest
    | "--statement" :: hash :: rest -> expected := Some hash; options rest
    | "--show" :: rest -> display := true; options rest
    | "--float32" :: rest -> executed := true; options rest
    | [path] when path <> "" && path.[0] <> '-' -> file := Some path
    | _ -> bad () in
  options (List.tl (Array.to_list Sys.argv));
  let path = match !file with Some path -> path | None -> bad () in
  let started = Unix.gettimeofday () in
  try
    let r = { text = read_file path; at = 0; line = 1; nodes = 0; advice = 0 } in
    let statement = read_statement r in
    (match !expected with
     | Some hash when hash <> statement.digest -> raise (Rejected (Printf.sprintf "the statement has SHA-256 %s, expected %s" statement.digest hash))
     | _ -> ());
    keyword r "evidence"; newline r;
    let trees = List.map (fun _ -> keyword r "tree"; newline r; read_tree r statement) statement.cases in
    keyword r "end"; newline r;
    if r.at <> String.length r.text then fail r "the file goes on after its end";
    if !display then describe statement !executed;
    let reading = Unix.gettimeofday () -. started in
    let all = List.concat (List.mapi (fun i (case, t) -> pieces statement i [whole statement.hidden case.box t] 0) (List.combine statement.cases trees)) in
    check_all statement !executed trees !jobs (spread statement all !jobs);
    let seconds = Unix.gettimeofday () -. started in
    let total = List.fold_left (fun sum t -> sum + leaves t) 0 trees in
    Printf.printf "%s: accepted%s: %d %s, %d leaves, %d rows in %.2f s (%.2f s of them reading), statement %s\n" path (if !executed then " for every float32 execution" else "") (List.length trees)
      (if List.length trees = 1 then "case" else "cases") total r.nodes seconds reading statement.digest
  with
  | Malformed text -> Printf.eprintf "check-export: %s: %s\n" path text; exit 65
  | Rejected text -> Printf.printf "%s: REJECTED: %s\n" path text; exit 1
  | Stack_overflow -> Printf.eprintf "check-export: %s: nested too deeply\n" path; exit 65
  | Out_of_memory -> Printf.eprintf "check-export: %s: too large for the memory\n" path; exit 65
